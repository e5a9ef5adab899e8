"""A stored text as it is read: paragraphs (款), items (项) and tables out of an article's lines."""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

_ITEM = re.compile(r"^[（(]\s?[一二三四五六七八九十百]+\s?[）)]")
_SUBITEM = re.compile(r"^(?:\d{1,3}\s?[．.、](?!\d)|[（(]\d{1,3}[）)]|[①-⑳])")
_ENUMERATED = re.compile(r"^[一二三四五六七八九十]+、")
BY_MARK = "-"  # in `line_kinds`: what a line is, the mark at its start tells
_KINDS: dict[str, Literal["paragraph", "item", "subitem"]] = {"p": "paragraph", "i": "item", "s": "subitem"}
_RULE = re.compile(r"^\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$")


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """`place` is the address below the article: p2 for the second 款, p2/i3 for the third 项 in it."""

    kind: Literal["paragraph", "item", "subitem", "table"]
    text: str
    place: str
    rows: tuple[tuple[str, ...], ...] = ()
    has_head: bool = False

    @property
    def anchor(self) -> str:
        """The place as part of an HTML id."""
        return self.place.replace("/", ".")


def paragraphs_of(text: str, line_kinds: str = "") -> list[Paragraph]:
    """The lines of an article, each with its place. Items and tables belong to the paragraph before them.

    `line_kinds` holds what a person decided, one character a line: `p` a paragraph, `i` an item, `s` a subitem, `-` or
    nothing: by the mark at its start.
    """
    found: list[Paragraph] = []
    paragraph = item = subitem = 0
    lines = text.split("\n") if text else []
    index = 0
    while index < len(lines):
        line = lines[index]
        kind = _kind(line, line_kinds[index : index + 1])
        if kind == "table":
            end = index
            while end < len(lines) and _kind(lines[end], line_kinds[end : end + 1]) == "table":
                end += 1
            found.append(_table(lines[index:end], f"p{max(paragraph, 1)}"))
            index = end
            continue
        if kind == "item":
            item, subitem = item + 1, 0
            found.append(Paragraph("item", line, f"p{max(paragraph, 1)}/i{item}"))
        elif kind == "subitem":
            subitem += 1
            found.append(Paragraph("subitem", line, f"p{max(paragraph, 1)}/i{max(item, 1)}/s{subitem}"))
        else:
            paragraph, item, subitem = paragraph + 1, 0, 0
            found.append(Paragraph("paragraph", line, f"p{paragraph}"))
        index += 1
    return found


def _kind(line: str, decided: str) -> Literal["paragraph", "item", "subitem", "table"]:
    if decided in _KINDS:
        return _KINDS[decided]
    if line.startswith("|"):
        return "table"
    if _ITEM.match(line) or _ENUMERATED.match(line):
        return "item"
    return "subitem" if _SUBITEM.match(line) else "paragraph"


def _table(lines: list[str], place: str) -> Paragraph:
    cells = [
        tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines if not _RULE.match(line)
    ]
    width = max((len(row) for row in cells), default=0)
    rows = tuple(row + ("",) * (width - len(row)) for row in cells)
    has_head = len(lines) > 1 and bool(_RULE.match(lines[1]))
    return Paragraph("table", "\n".join(lines), f"{place}/table", rows, has_head)
