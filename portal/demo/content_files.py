"""Reading the files under `content/`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).resolve().parent / "content"


def read_toml(name: str) -> dict[str, Any]:
    """One TOML file."""
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))


def read_folder(name: str) -> list[dict[str, Any]]:
    """All TOML files of a folder, newest first by `days_ago`."""
    found = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((CONTENT / name).glob("*.toml"))]
    return sorted(found, key=lambda entry: entry.get("days_ago", 0))


def read_articles() -> list[dict[str, Any]]:
    """All news: the head between the +++ lines, and the text below it as `text`; the file name as `key`. Oldest first."""
    found = []
    for path in sorted((CONTENT / "news").glob("*.md")):
        _, head, text = path.read_text(encoding="utf-8").split("+++\n", 2)
        found.append({"key": path.stem, "text": text.strip(), **tomllib.loads(head)})
    return sorted(found, key=lambda entry: -entry["days_ago"])


def pictures_wanted() -> list[tuple[str, str]]:
    """Scene and key of every picture of the texts, in the order of loading."""
    shelves = [list(reversed(read_folder(folder))) for folder in ("courses", "microlessons", "cases")]
    return [(entry["picture"], entry["key"]) for shelf in [read_articles(), *shelves] for entry in shelf]
