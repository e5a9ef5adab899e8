"""A stored text as it is read: paragraphs (款), items (项) and tables out of an article's lines."""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

_ITEM = re.compile(r"^[（(]\s?[一二三四五六七八九十百]+\s?[）)]")
_SUBITEM = re.compile(r"^(?:\d{1,3}\s?[．.、](?!\d)|[（(]\d{1,3}[）)]|[①-⑳])")
_ENUMERATED = re.compile(r"^[一二三四五六七八九十]+、")
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


def paragraphs_of(text: str) -> list[Paragraph]:
    """The lines of an article, each with its place. Items and tables belong to the paragraph before them."""
    found: list[Paragraph] = []
    paragraph = item = subitem = 0
    lines = text.split("\n") if text else []
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.startswith("|"):
            end = index
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            found.append(_table(lines[index:end], f"p{max(paragraph, 1)}"))
            index = end
            continue
        if _ITEM.match(line) or _ENUMERATED.match(line):
            item, subitem = item + 1, 0
            found.append(Paragraph("item", line, f"p{max(paragraph, 1)}/i{item}"))
        elif _SUBITEM.match(line):
            subitem += 1
            found.append(Paragraph("subitem", line, f"p{max(paragraph, 1)}/i{max(item, 1)}/s{subitem}"))
        else:
            paragraph, item, subitem = paragraph + 1, 0, 0
            found.append(Paragraph("paragraph", line, f"p{paragraph}"))
        index += 1
    return found


def _table(lines: list[str], place: str) -> Paragraph:
    cells = [
        tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines if not _RULE.match(line)
    ]
    width = max((len(row) for row in cells), default=0)
    rows = tuple(row + ("",) * (width - len(row)) for row in cells)
    has_head = len(lines) > 1 and bool(_RULE.match(lines[1]))
    return Paragraph("table", "\n".join(lines), f"{place}/table", rows, has_head)
