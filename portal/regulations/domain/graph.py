"""The relations of a work as a drawing: what it rests on at the left, what rests on it at the right."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from portal.regulations.domain.queries import Related

MOST = 14  # nodes a side; the list below the drawing has all
_ROW = 56
_BOX = 40
_GAP = 80
_SIDE = 330
_MIDDLE = 220
_LETTERS = 18
_COURTS = re.compile(r"^最高人民(?:法院|检察院)(?:[、 ]?最高人民检察院)?关于")


@dataclasses.dataclass(frozen=True)
class Node:
    """A box with its line to the middle; places are in units of the drawing. `title` is in full, `text` what fits."""

    x: int
    y: int
    width: int
    title: str
    text: str
    name: str
    url: str
    kind: str
    proposed: bool
    line: str


@dataclasses.dataclass(frozen=True)
class Drawing:
    """`left` out of `left_out` and `right` beside it; `middle` is where the work itself stands."""

    width: int
    height: int
    middle_x: int
    middle_y: int
    middle_width: int
    left: list[Node]
    right: list[Node]
    left_out: int


def drawing_of(works: Sequence[Related], names: dict[tuple[str, bool], str]) -> Drawing:
    """Lay out `works` around the work they are related to. `names` says what a relation is called."""
    outwards = [work for work in works if not work.inwards]
    inwards = [work for work in works if work.inwards]
    rows = max(min(len(outwards), MOST), min(len(inwards), MOST), 1)
    height = rows * _ROW + 16
    middle_x = _SIDE + _GAP if outwards else 0
    width = middle_x + _MIDDLE + (_GAP + _SIDE if inwards else 0)
    middle_y = height // 2
    left = _side(outwards[:MOST], names, 0, height, _SIDE, middle_x, middle_y)
    right = _side(inwards[:MOST], names, width - _SIDE, height, width - _SIDE, middle_x + _MIDDLE, middle_y)
    left_out = max(len(outwards) - MOST, 0) + max(len(inwards) - MOST, 0)
    return Drawing(width, height, middle_x, middle_y, _MIDDLE, left, right, left_out)


def _side(
    works: Sequence[Related],
    names: dict[tuple[str, bool], str],
    x: int,
    height: int,
    edge_x: int,
    to_x: int,
    to_y: int,
) -> list[Node]:
    top = (height - len(works) * _ROW) // 2 + (_ROW - _BOX) // 2
    nodes = []
    for place, work in enumerate(works):
        y = top + place * _ROW
        middle = (edge_x + to_x) // 2
        line = f"M{edge_x} {y + _BOX // 2} C{middle} {y + _BOX // 2} {middle} {to_y} {to_x} {to_y}"
        title = _COURTS.sub("", work.title).removeprefix("中华人民共和国") or work.title
        text = title if len(title) <= _LETTERS else title[: _LETTERS - 1] + "…"
        name = names[(work.kind, work.inwards)]
        nodes.append(Node(x, y, _SIDE, work.title, text, name, work.url, work.kind, work.proposed, line))
    return nodes
