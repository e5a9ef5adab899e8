"""What editors add to queries: other words for the same thing, short names, and documents that stand first for a query.

Asked anew for every query, so that a change counts at once in both engines; nothing of it is in the index. Who keeps it sets a
supplier at start; without one there is nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping

from search.analysis import grams
from search.analysis.normalize import fold
from search.query.names import SHORT_NAMES, names_in
from search.query.plan import Plan
from search.query.planner import MAX_TERMS, gate_terms

WEIGHT = 0.5
"""What a term of another word for it weighs beside a typed one."""
MOST_WORDS = 8
"""Other words that one query is given, at most."""
MOST_PINS = 5


@dataclasses.dataclass(frozen=True)
class Pin:
    """A document ("kind:uid" of its group) that stands first for a query, from the first to the last day."""

    group: str
    first: dt.date | None = None
    last: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether it counts on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclasses.dataclass(frozen=True)
class Curation:
    """`words` gives for a folded word what it is looked for as well; `names` the full title of a folded short name; `pins` the
    documents of a folded query (see `query_key`)."""

    words: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    pins: Mapping[str, tuple[Pin, ...]] = dataclasses.field(default_factory=dict)

    def others_for(self, text: str) -> Iterator[tuple[str, str]]:
        """The words that stand in a text, with each of their other words, and the short names that everybody uses with their
        full ones; what editors gave first, the longest first, each other word once."""
        folded = fold(text)
        given: set[str] = set()
        for word, other in (*self._pairs_in(folded), *names_in(folded)):
            is_given = word in self.words and other not in self.words[word]  # editors say otherwise
            if other not in given and not is_given and not _stands_in(fold(other), folded):
                given.add(other)
                yield word, other
                if len(given) >= MOST_WORDS:
                    return

    def _pairs_in(self, folded: str) -> Iterator[tuple[str, str]]:
        for word in sorted((word for word in self.words if _stands_in(word, folded)), key=lambda w: (-len(w), w)):
            yield from ((word, other) for other in self.words[word])

    def full_title(self, title: str) -> str:
        """The full title of a short name, or the same text."""
        name = fold(title).strip(" 《》〈〉")
        return self.names.get(name) or SHORT_NAMES.get(name, title)

    def pinned(self, query: str, day: dt.date) -> tuple[str, ...]:
        """The groups that stand first for a query on a day."""
        return tuple(pin.group for pin in self.pins.get(query_key(query), ()) if pin.holds_on(day))[:MOST_PINS]


_STATE_OR_PARTY = re.compile(r"^(?:中华人民共和国|中国共产党|中共中央)")
_BETWEEN = re.compile(r"[\W_]+")
_NOTHING = Curation()
_supplier: Callable[[], Curation] | None = None


def set_curation(supplier: Callable[[], Curation]) -> None:
    """Set who knows what editors added. Called with every query."""
    global _supplier
    _supplier = supplier


@contextlib.contextmanager
def without_curation() -> Iterator[None]:
    """While open, nothing that editors added counts, and no database is asked for it: for measuring the ranking alone."""
    global _supplier
    kept, _supplier = _supplier, None
    try:
        yield
    finally:
        _supplier = kept


def current_curation() -> Curation:
    """What editors added, as it is now."""
    return _supplier() if _supplier else _NOTHING


def query_key(query: str) -> str:
    """A query without blanks, marks and differences of writing: the same for 「党费 收缴」 and 「黨費收繳？」."""
    folded = fold(query)
    return _BETWEEN.sub("", folded) or folded.strip()


def with_other_words(plan: Plan, text: str, curation: Curation) -> Plan:
    """The plan that looks for the other words of what was typed too, at less weight."""
    others = [other for _, other in curation.others_for(text)]
    if not others:
        return plan
    terms = dict(plan.terms)
    gate = dict.fromkeys(plan.gate)
    for other in map(_distinctive, others):
        for term in grams.index_tokens(other):
            terms.setdefault(term, WEIGHT)
        gate.update(dict.fromkeys(gate_terms(other)))
    return dataclasses.replace(plan, terms=tuple(terms.items())[:MAX_TERMS], gate=tuple(gate)[:MAX_TERMS])


def _distinctive(other: str) -> str:
    """Another word without what half of all titles begin with: what is meant by 党章 is 章程, not every 中国共产党."""
    rest = _STATE_OR_PARTY.sub("", other)
    return rest if len(rest) > 1 else other


def _stands_in(word: str, folded: str) -> bool:
    if word not in folded:
        return False
    if not word.isascii():
        return True
    return bool(re.search(rf"(?<![^\W_{grams.HAN}]){re.escape(word)}(?![^\W_{grams.HAN}])", folded))
