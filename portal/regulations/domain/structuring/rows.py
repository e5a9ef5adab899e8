"""Rows: a text line by line, each with what it is. Rows become units again; nothing but their borders and kinds can change."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.body import ENUMERATION, KIND_OF
from portal.regulations.domain.parsing.growing import RANK, GrowingTree
from portal.regulations.domain.parsing.heads import HEAD_AT_START
from portal.regulations.domain.parsing.lines import ANNEX, STRUCTURE
from portal.regulations.domain.parsing.numerals import number_of
from portal.regulations.domain.parsing.source import trimmed
from portal.regulations.domain.parsing.tree import HEADING_KINDS, Kind, Unit
from portal.regulations.domain.reading import paragraphs_of
from portal.regulations.models import Provision

LINE = "line"  # a further line of the unit above: a paragraph or an item, as the mark at its start tells
DECIDED = {"paragraph": "p", "item": "i", "subitem": "s"}  # a further line that is what a person says
LINES = frozenset({LINE, *DECIDED})
_DECIDED_AS = {mark: kind for kind, mark in DECIDED.items()}
KINDS: tuple[str, ...] = (
    "article", LINE, *DECIDED, "part", "subpart", "chapter", "section", "subsection", "heading", "enumeration", "annex", "preamble",
    "table", "note", "signature", "front", "toc",
)  # fmt: skip
NUMBERED = frozenset({"article", "enumeration", "part", "subpart", "chapter", "section", "subsection", "annex"})
DEEPEST = 9


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the text. `depth` counts the headings above a heading (in an annex those in it); None: by its kind.

    `label` is the part of the text that names it (第一条), where that is known; None: read it out of the text.
    """

    kind: str
    text: str
    number: int | None = None
    sub: int = 0
    depth: int | None = None
    label: str | None = None

    @property
    def key(self) -> tuple[str, str, int | None, int, int | None]:
        """What makes two rows the same."""
        return (self.kind, solid(self.text), self.number, self.sub, self.depth)


def rows_of(provisions: Iterable[Provision]) -> list[Row]:
    """The rows of stored provisions, in their order."""
    rows: list[Row] = []
    for one in provisions:
        lines = one.text.split("\n") if one.text else []
        depth = one.depth - bool(one.in_annex) if one.kind in HEADING_KINDS else None
        if one.kind in HEADING_KINDS or one.kind == "annex":
            text = one.label + (" " if one.label and one.heading and one.kind != "annex" else "") + one.heading
        elif one.label and one.line_kinds[:1] in _DECIDED_AS:
            text = one.label
        elif one.label:
            text = " ".join([one.label, *lines[:1]])
            lines = lines[1:]
        else:
            text, lines = (lines[0], lines[1:]) if lines else ("", [])
        decided = one.line_kinds[-len(lines) :] if lines and one.line_kinds else ""
        number = one.number if one.kind in NUMBERED else None
        rows.append(Row(one.kind, text, number, one.sub_number, depth, one.label))
        rows += [Row(_DECIDED_AS.get(decided[index : index + 1], LINE), line) for index, line in enumerate(lines)]
    return rows


def positions_of(provisions: Sequence[Provision]) -> dict[str, int]:
    """Which row a provision begins at, by its path."""
    found: dict[str, int] = {}
    at = 0
    for one in provisions:
        found[one.path] = at
        at += len(rows_of([one]))
    return found


def places_of(provisions: Iterable[Provision]) -> list[str]:
    """What each row is read as below its article (p2/i3); empty for the first row of a unit."""
    found: list[str] = []
    for one in provisions:
        below = len(rows_of([one])) - 1
        lines: list[str] = []
        for paragraph in paragraphs_of(one.text, one.line_kinds):
            lines += [paragraph.place] * (paragraph.text.count("\n") + 1)
        found += ["", *lines[len(lines) - below :]]
    return found


def units_of(rows: Sequence[Row]) -> list[Unit]:
    """The units that rows make, each knowing its parent and with a unique path."""
    tree = GrowingTree()
    for line, row in enumerate(rows, start=1):
        if row.kind in LINES:
            if tree.units:
                tree.units[-1].lines.append(row.text)
            else:
                tree.add_other(Unit("preamble", line, lines=[row.text]))
            if row.kind in DECIDED:
                tree.units[-1].decided[len(tree.units[-1].lines) - 1] = DECIDED[row.kind]
            continue
        label, rest, number = _read(row)
        number = row.number if row.number is not None else number
        kind: Kind = row.kind  # type: ignore[assignment]
        if row.kind in HEADING_KINDS:
            unit = Unit(kind, line, label=label, number=number, heading=rest)
            if row.depth is None:
                tree.open_heading(unit, RANK.get(row.kind, RANK["chapter"]))
            else:
                tree.open_heading_at(unit, row.depth)
        elif row.kind == "annex":
            tree.open_annex(Unit(kind, line, label=label, number=number, heading=rest))
        elif row.kind == "article":
            unit = Unit(kind, line, label=label, number=number, sub=row.sub, lines=[rest] if rest else [])
            tree.add_article(unit)
        elif row.kind == "enumeration":
            tree.add_other(Unit(kind, line, label=label, number=number, lines=[rest] if rest else []))
        else:
            tree.add_other(Unit(kind, line, lines=[row.text] if row.text else []))
    return tree.units


def _read(row: Row) -> tuple[str, str, int | None]:
    """Label, what follows, and the number that the label tells."""
    text = row.text
    if row.label is not None and text.startswith(row.label):
        return row.label, trimmed(text[len(row.label) :]), None
    pattern = _PATTERNS.get(row.kind)
    match = pattern.match(text) if pattern else None
    if match is None or (row.kind in RANK and KIND_OF[match["what"]] != row.kind):
        return "", text, None
    end = match.end() if row.kind == "article" else match.end("tail" if row.kind == "annex" else "label")
    return trimmed(text[:end]), trimmed(text[end:]), number_of(match["number"] or "")


def numbered(row: Row) -> Row:
    """The row with the number that its own words tell, where none is given."""
    if row.number is not None or row.kind not in NUMBERED:
        return row
    number = _read(row)[2]
    sub = 0
    if row.kind == "article" and (match := HEAD_AT_START.match(row.text)) and match["sub"]:
        sub = number_of(match["sub"]) or 0
    return dataclasses.replace(row, number=number, sub=row.sub or sub)


_PATTERNS: dict[str, re.Pattern[str]] = {
    "article": HEAD_AT_START,
    "enumeration": ENUMERATION,
    "annex": ANNEX,
    **dict.fromkeys(RANK, STRUCTURE),
}


def solid_ends_of(provisions: Iterable[Provision]) -> list[int]:
    """After how many characters (blanks aside) each piece ends."""
    return list(accumulate(sum(len(solid(row.text)) for row in rows_of([one])) for one in provisions))
