"""What every engine does. `tests/search/conformance` runs the same cases against each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from search.engines.rows import Row
from search.query.plan import Lookup, Plan, Restriction


@dataclasses.dataclass(frozen=True)
class GroupChange:
    """All rows of one group as they are now (none: it is gone) and the keys that were there before and are not any more.

    `seq` rises with every reading of the group; an engine never lets a lower one overwrite a higher.
    """

    kind: str
    group: str
    seq: int
    rows: tuple[Row, ...]
    gone: frozenset[str] = frozenset()

    @property
    def group_key(self) -> str:
        """The name of the group in the whole index."""
        return f"{self.kind}:{self.group}"


@dataclasses.dataclass(frozen=True)
class Ranked:
    """A found row: its score (comparable only within one engine and query) and what was stored for display."""

    key: str
    score: float
    data: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many rows match, and how many of them for each type and each value of the facets asked for."""

    total: int
    types: Mapping[str, int]
    facets: Mapping[str, Mapping[str, int]]
    statuses: Mapping[str, int] = dataclasses.field(default_factory=dict)


IsCurrent = Callable[[GroupChange], bool]


class Build(Protocol):
    """A new index that is filled beside the one in use."""

    def add(self, rows: Iterable[Row]) -> int:
        """Add rows of groups that are not in it yet; returns how many."""

    refused: dict[str, str]
    """Groups of which the engine will never take a row as it is, with its reason."""

    def finish(self, catch_up: Callable[[], Sequence[GroupChange]]) -> None:
        """Apply what `catch_up` gives (the groups changed meanwhile), then put the new index in the place of the old."""

    def abandon(self) -> None:
        """Drop it."""


class Engine(Protocol):
    """An index. Every method raises SearchUnavailable when it cannot do its work now."""

    name: str

    def is_ready(self) -> bool:
        """Whether there is an index made by this version of the code. If not, it must be rebuilt."""

    def hits(self, plan: Plan, first: int, count: int) -> list[Ranked]:
        """The rows ranked from `first` (0 is the best) on; with `plan.newest_first` the latest date first, and the score is the
        date as yyyymmdd. Equal scores are ordered by the row's key hash."""

    def rows(self, keys: Sequence[str], plan: Plan) -> list[Ranked]:
        """Those of the rows with these keys that pass the plan's restriction, phrases and exclusions, whether its words match
        or not; with its gate, if the plan is gated. In no order that means anything."""

    def sections(self, plan: Plan, limit: int) -> list[tuple[str, float]]:
        """The sections that match the plan's terms best, with their BM25 scores. A section counts when the restriction lets
        its rows be seen; types and facets are not asked."""

    def frequencies(self, terms: Sequence[str]) -> tuple[int, list[int]]:
        """How many rows there are, and in how many each term stands, whoever may see them: for weights only."""

    def counts(self, plan: Plan, facet_keys: Sequence[str], *, types: bool = True) -> Counts:
        """Rows that pass the plan's gate."""

    def statuses(self, plan: Plan) -> Mapping[str, int]:
        """How many rows that pass the plan's gate hold, will hold or held no more at its date, whatever statuses it asks for."""

    def lookup(self, lookup: Lookup, limit: int) -> list[Ranked]:
        """Rows at a known place."""

    def suggest(self, key: str, restriction: Restriction, limit: int) -> list[Ranked]:
        """Rows whose title has the suggestion key, most authoritative first."""

    def apply(self, changes: Sequence[GroupChange], is_current: IsCurrent) -> dict[str, str]:
        """Replace groups, visibly when it returns. `is_current` is asked at the last moment whether a change is still the
        newest reading of its group; if not, it is left to the newer one. Returns the groups of which the engine will never
        take a row as it is, with its reason; the others are in."""

    def begin_rebuild(self) -> Build:
        """Start a new index. Raises SearchUnavailable when another rebuild runs."""

    def inventory(self) -> dict[int, int]:
        """The number (`tie`) of every row, with the `seq` of the reading it is from: for comparing with what should be there."""

    def row_count(self) -> int:
        """How many rows the index holds."""

    def section_count(self) -> int:
        """How many sections the index holds."""

    def size_bytes(self) -> int:
        """What the index takes on disk."""
