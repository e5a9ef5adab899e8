"""Reading the tutorial: its commands and files in the order in which they stand."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "tutorial.md"
_FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Step:
    """A block of commands, or a file to write (`name` relative to the plugin's folder)."""

    text: str
    name: str = ""

    @property
    def lines(self) -> list[str]:
        """What an author types: lines that are neither blank nor only a comment."""
        return [line for line in self.text.splitlines() if line.strip() and not line.strip().startswith("#")]


def steps() -> list[Step]:
    """All steps. Raises ValueError for a block that is neither."""
    found = []
    for language, name, text in _FENCE.findall(PAGE.read_text(encoding="utf-8")):
        if language != "sh" and not name:
            raise ValueError(f"a block of {language} without file=")
        found.append(Step(text, name))
    return found


def commands() -> list[str]:
    """All commands."""
    return [line for step in steps() if not step.name for line in step.lines]


def author_lines() -> int:
    """Lines of the files that an author writes."""
    return sum(len(step.lines) for step in steps() if step.name)
