"""The plan: what a query asks of the index, in values that every engine compiles in its own way, and that can be printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from search.contracts import OPEN_END

HELD, FUTURE, PAST = "held", "future", "past"
STATUSES = (HELD, FUTURE, PAST)
"""What a row is at a date: it holds, it does not yet, it does no more."""


GATE_WEIGHT = 0.001


@dataclasses.dataclass(frozen=True)
class Restriction:
    """What is never scored: who asks, at which date, and what was narrowed down.

    A row passes when it holds one of `tokens`, its secrecy is at most `clearance`, its status on `on` (yyyymmdd) is one of
    `statuses`, its kind (and "<kind>:<type>") is not in `kinds_off`, its type is one of `types` (none given: any), each facet has one of its values,
    and its group ("kind:uid") is one of `groups` (none given: any).
    """

    tokens: frozenset[str]
    clearance: int
    on: int
    kinds_off: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    facets: tuple[tuple[str, frozenset[str]], ...] = ()
    statuses: frozenset[str] = frozenset({HELD})
    groups: frozenset[str] = frozenset()

    @property
    def whole_kinds_off(self) -> list[str]:
        """The kinds in `kinds_off`."""
        return sorted(name for name in self.kinds_off if ":" not in name)

    @property
    def types_off(self) -> dict[str, list[str]]:
        """The types in `kinds_off`, by kind."""
        found: dict[str, list[str]] = {}
        for kind, _, of_kind in sorted(name.partition(":") for name in self.kinds_off if ":" in name):
            found.setdefault(kind, []).append(of_kind)
        return found

    def without_types(self) -> Restriction:
        """The same, open to all types: for counting what another type would give."""
        return dataclasses.replace(self, types=frozenset())

    def without_facet(self, key: str) -> Restriction:
        """The same, open to all values of one facet."""
        return dataclasses.replace(self, facets=tuple(pair for pair in self.facets if pair[0] != key))

    def __post_init__(self) -> None:
        if not 0 <= self.on <= OPEN_END:
            raise ValueError(f"{self.on} is not a date as yyyymmdd")
        if not self.statuses or not self.statuses <= set(STATUSES):
            raise ValueError(f"{sorted(self.statuses)} are not statuses")


@dataclasses.dataclass(frozen=True)
class Lift:
    """An amount added to the BM25 score of the rows that have `value` in `field` ("section" or "key")."""

    field: str
    value: str
    amount: float


@dataclasses.dataclass(frozen=True)
class Plan:
    """Hits are ranked by BM25 over `terms` (text, weight), any of which may match, times authority.

    `phrases` must all stand in the text word by word. `gate` are the terms of which `gate_needed` must match for a row to
    count as a match: the rule for totals and facets, and for hits as well when `gated`. `phrases_may_go` says that there were
    words outside the quotation marks too: people also quote to stress. `newest_first` orders the matches by date instead. `lifts` add to the score of the rows they name. `excluded` are word sequences of which none may stand in the text.
    """

    terms: tuple[tuple[str, float], ...]
    phrases: tuple[tuple[str, ...], ...]
    gate: tuple[str, ...]
    gate_needed: int
    restriction: Restriction
    gated: bool = True
    excluded: tuple[tuple[str, ...], ...] = ()
    excluded_keys: frozenset[str] = frozenset()
    lifts: tuple[Lift, ...] = ()
    phrases_may_go: bool = False
    newest_first: bool = False

    def lines(self) -> Iterator[str]:
        """The plan for people, one thing a line."""
        yield "terms     " + " ".join(text if weight == 1.0 else f"{text}^{weight:g}" for text, weight in self.terms)
        for name, sequences in (("phrase", self.phrases), ("not", self.excluded)):
            yield from (f"{name:<10}{' '.join(sequence)}" for sequence in sequences)
        yield f"match     {self.gate_needed} of {len(self.gate)}: {' '.join(self.gate)}"
        asked = self.restriction
        yield f"seen by   {' '.join(sorted(asked.tokens))}, secrecy up to {asked.clearance}, {'|'.join(sorted(asked.statuses))} on {asked.on}"
        if asked.types:
            yield f"types     {' '.join(sorted(asked.types))}"
        yield from (f"facet     {key} = {' | '.join(sorted(values))}" for key, values in asked.facets)
        yield from (f"lift      {lift.field} {lift.value} +{lift.amount:g}" for lift in self.lifts[:20])

    @property
    def is_empty(self) -> bool:
        """Whether nothing searchable was asked."""
        return not self.terms

    def with_gate_scored(self) -> Plan:
        """This plan, gated, so that every row that passes the gate is found: terms of the gate that are not scored (they stand in
        too many rows to say much) are, by next to nothing."""
        scored = {text for text, _ in self.terms}
        more = tuple((text, GATE_WEIGHT) for text in self.gate if text not in scored)
        return dataclasses.replace(self, gated=True, terms=self.terms + more)

    def relaxations(self) -> Iterator[Plan]:
        """This plan, then milder ones to try when it matches nothing: without its phrases if that is allowed, then with any
        one of the gate's terms."""
        yield self
        plan = self
        if plan.phrases and plan.phrases_may_go:
            plan = dataclasses.replace(plan, phrases=())
            yield plan
        if plan.gate_needed > 1:
            yield dataclasses.replace(plan, gate_needed=1)


@dataclasses.dataclass(frozen=True)
class Lookup:
    """A known place: rows at `path` (any, if it is empty) whose reference title holds all of `title_terms`, by title closeness
    and authority."""

    path: str
    title_terms: tuple[str, ...]
    restriction: Restriction
