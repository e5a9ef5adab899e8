"""What the parser gives: a law as a flat list of units in the order of the source, each knowing its parent.

A unit owns a label (第一条), a heading (第一章's title) and lines of text. Labels, headings and lines joined in order are the
body of the file again: `balance.py` compares them character by character.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Literal

Kind = Literal[
    "front",  # title, document number repeated on top of the body
    "toc",  # a table of contents left in the body
    "preamble",
    "part",  # 编
    "subpart",  # 分编
    "chapter",  # 章
    "section",  # 节
    "subsection",  # 目
    "heading",  # a heading without a number of its own
    "article",  # 条
    "enumeration",  # 一、 as the unit of a text that has no articles
    "table",
    "annex",
    "note",
    "signature",
]
HEADING_KINDS: frozenset[str] = frozenset({"part", "subpart", "chapter", "section", "subsection", "heading"})


@dataclasses.dataclass
class Unit:
    """One addressable piece. `parent` is an index into `ParsedLaw.units` or None; `line` counts from 1 in the file.

    `path` is unique in the law: pre, ch2, art53, art53-1, an1, an1/art3, item2; a second one of the same number ends in ~2.
    """

    kind: Kind
    line: int
    label: str = ""
    number: int | None = None
    sub: int = 0
    heading: str = ""
    lines: list[str] = dataclasses.field(default_factory=list)
    parent: int | None = None
    path: str = ""
    in_annex: bool = False
    decided: dict[int, str] = dataclasses.field(default_factory=dict)  # line -> p, i, s: what a person says that it is
    inserted: bool = False  # made by us (the 编 of a law cut in files): its text is not in the body

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def line_kinds(self) -> str:
        """One character a line (`reading.paragraphs_of`); empty when nobody decided anything."""
        return "".join(self.decided.get(index, "-") for index in range(len(self.lines))) if self.decided else ""


@dataclasses.dataclass(frozen=True)
class Doubt:
    """Something a person should look at. `line` counts from 1, 0 for the whole file; `message` is Chinese; `path` is the unit
    that the line belongs to, empty for the header and the whole file."""

    line: int
    code: str
    message: str
    excerpt: str = ""
    path: str = ""


EventKind = Literal["adopted", "promulgated", "approved", "revised", "effective", "repealed", "other"]


@dataclasses.dataclass(frozen=True)
class Event:
    """A line of the header: a date and what happened on it."""

    date: dt.date
    kind: EventKind
    text: str


@dataclasses.dataclass(frozen=True)
class Balance:
    """Non-blank characters of the file (layout comments and heading marks aside) and of what was rebuilt from the tree."""

    source: int
    rebuilt: int
    difference: str = ""  # where the two first differ; empty when equal
    lost: int = 0  # characters of the file that the tree has not
    added: int = 0  # characters of the tree that the file has not

    @property
    def even(self) -> bool:
        return not self.difference and self.source == self.rebuilt


@dataclasses.dataclass
class ParsedLaw:
    title: str
    part_title: str = ""
    header: list[str] = dataclasses.field(default_factory=list)  # all header lines, the title lines too
    events: list[Event] = dataclasses.field(default_factory=list)
    document_number: str = ""
    units: list[Unit] = dataclasses.field(default_factory=list)
    doubts: list[Doubt] = dataclasses.field(default_factory=list)
    balance: Balance = Balance(0, 0)
    effective_in_header: dt.date | None = None  # "自…起施行" inside an event line

    @property
    def articles(self) -> int:
        """Number of articles, those of annexes included."""
        return sum(unit.kind == "article" for unit in self.units)

    @property
    def articles_in_annex(self) -> int:
        return sum(unit.kind == "article" and unit.in_annex for unit in self.units)

    def headings_of(self, unit: Unit) -> list[str]:
        """The headings above a unit, outermost first, each with its label: ["第一编 总则", "第二章 自然人"]."""
        found: list[str] = []
        parent = unit.parent
        while parent is not None:
            above = self.units[parent]
            found.append(" ".join(part for part in (above.label, above.heading) if part))
            parent = above.parent
        return [name for name in reversed(found) if name]
