"""A tree of units while it grows: the open headings and the open annex, numbers and unique paths."""

from __future__ import annotations

from collections import Counter

from portal.regulations.domain.parsing.tree import HEADING_KINDS, Unit

RANK: dict[str, int] = {"part": 1, "subpart": 2, "chapter": 3, "section": 4, "subsection": 5}
_PREFIX: dict[str, str] = {
    "part": "pt",
    "subpart": "sp",
    "chapter": "ch",
    "section": "sec",
    "subsection": "sub",
    "heading": "h",
}
_NAMES = {"toc": "toc", "front": "front", "preamble": "pre", "table": "table", "note": "note", "signature": "sign"}


class GrowingTree:
    """`units` is the result. A unit is added to the innermost open heading, else to the open annex, else to the top."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.stack: list[int] = []  # open headings, outermost first
        self.ranks: dict[int, int] = {}  # unit index -> rank
        self.annex: int | None = None
        self.annexes = 0
        self.paths: dict[str, int] = {}
        self.last_number: dict[tuple[str, int | None], int] = {}  # (kind, parent) -> number of the last heading there
        self.last_chapter: dict[bool, int] = {}  # in an annex or not -> number of the last chapter anywhere
        self._free_headings: Counter[int | None] = Counter()

    def add(self, unit: Unit, path: str, parent: int | None) -> int:
        """Append a unit below `parent`; its path is made unique. Returns its index."""
        unit.parent = parent
        unit.in_annex = self.annex is not None
        unit.path = self.unique(path)
        if unit.kind in HEADING_KINDS:
            self.last_number[(unit.kind, parent)] = unit.number or 0
            if unit.kind == "chapter":
                self.last_chapter[unit.in_annex] = unit.number or 0
        self.units.append(unit)
        return len(self.units) - 1

    def unique(self, path: str) -> str:
        """The path, with ~2 behind it if it is taken."""
        times = self.paths.get(path, 0) + 1
        self.paths[path] = times
        return path if times == 1 else f"{path}~{times}"

    def container(self) -> int | None:
        """The unit that takes what comes next."""
        return self.stack[-1] if self.stack else self.annex

    def base(self) -> str:
        """The beginning of the paths in the open annex."""
        return f"{self.units[self.annex].path}/" if self.annex is not None else ""

    def open_heading(self, unit: Unit, rank: int) -> int:
        """A heading closes those of its rank and below."""
        while self.stack and self.ranks[self.stack[-1]] >= rank:
            self.stack.pop()
        parent = self.container()
        above = self.units[parent].path + "/" if parent is not None else ""
        if unit.kind == "heading":
            self._free_headings[parent] += 1
            number = self._free_headings[parent]
        else:
            number = unit.number or 0
        at = self.add(unit, f"{above}{_PREFIX[unit.kind]}{number}", parent)
        self.ranks[at] = rank
        self.stack.append(at)
        return at

    def open_heading_at(self, unit: Unit, depth: int) -> int:
        """A heading below `depth` others, or as deep as there are headings above it."""
        while len(self.stack) > depth:
            self.stack.pop()
        above = self.ranks[self.stack[-1]] if self.stack else 0
        return self.open_heading(unit, max(RANK.get(unit.kind, RANK["chapter"]), above + 1))

    def open_annex(self, unit: Unit) -> int:
        """An annex closes everything; numbers run anew in it."""
        self.stack.clear()
        self.annex = None
        self.annexes = unit.number or self.annexes + 1
        self.annex = self.add(unit, f"an{self.annexes}", None)
        unit.in_annex = True
        return self.annex

    def add_article(self, unit: Unit) -> int:
        """第N条, 第N条之M."""
        return self.add(
            unit, f"{self.base()}art{unit.number or 0}" + (f"-{unit.sub}" if unit.sub else ""), self.container()
        )

    def add_other(self, unit: Unit) -> int:
        """Everything that is neither heading nor annex nor article."""
        name = f"item{unit.number or 0}" if unit.kind == "enumeration" else _NAMES[unit.kind]
        return self.add(unit, f"{self.base()}{name}", self.container())
