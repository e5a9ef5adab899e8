"""The body of an item: plain text in which a blank line ends a paragraph, "- " and "1. " make lists, "| a | b |" rows a table."""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

_NUMBERED = re.compile(r"\d{1,3}[.、]\s*(.+)")
_RULE = re.compile(r"\|?[\s:|-]+\|?")


@dataclasses.dataclass(frozen=True)
class Block:
    """A piece of the body. `lines` are those of a paragraph or the items of a list, `rows` the cells of a table, head first."""

    kind: Literal["paragraph", "bullets", "numbers", "table"]
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def blocks_of(text: str) -> list[Block]:
    """The body in pieces, for a template that escapes them."""
    blocks = []
    for piece in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in piece.split("\n") if line.strip()]
        if lines:
            blocks += _pieces(lines)
    return blocks


def plain_text(text: str) -> str:
    """The body without the marks of lists and tables, for search and summaries."""
    parts: list[str] = []
    for block in blocks_of(text):
        parts += block.lines
        parts += [" ".join(cells) for cells in block.rows]
    return "\n".join(parts)


def _kind_of(line: str) -> Literal["paragraph", "bullets", "numbers", "table"]:
    if line.startswith("|") and line.count("|") > 1:
        return "table"
    if line.startswith(("- ", "* ")):
        return "bullets"
    return "numbers" if _NUMBERED.fullmatch(line) else "paragraph"


def _pieces(lines: list[str]) -> list[Block]:
    """Neighbouring lines of one kind belong together."""
    blocks: list[Block] = []
    run: list[str] = []
    for line in [*lines, ""]:
        if run and (not line or _kind_of(line) != _kind_of(run[0])):
            blocks.append(_block(run))
            run = []
        if line:
            run.append(line)
    return blocks


def _block(run: list[str]) -> Block:
    kind = _kind_of(run[0])
    if kind == "table":
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in run if not _RULE.fullmatch(line)]
        return Block(kind, rows=tuple(rows))
    if kind == "bullets":
        return Block(kind, lines=tuple(line[2:].strip() for line in run))
    if kind == "numbers":
        return Block(kind, lines=tuple(match[1] for line in run if (match := _NUMBERED.fullmatch(line))))
    return Block(kind, lines=tuple(run))
