"""From what a person typed to a plan. Any text gives a plan; nothing raises."""

from __future__ import annotations

import collections
import math
from collections.abc import Iterable

from search.analysis import grams
from search.analysis.normalize import fold
from search.query.plan import Lookup, Plan, Restriction
from search.query.syntax import Typed, parse

MAX_QUERY = 400
"""Characters of a query that are looked at; a person types less, and the work grows with each."""
MAX_TERMS = 256


def plan_query(query: str | Typed, restriction: Restriction) -> Plan:
    """The plan of a typed query: pairs and single characters of each Han run and whole words, any of which may match;
    what stands in quotation marks must match as it stands (see `Plan.relaxations`). A row counts as a match with any one pair:
    asking for more of them took answers away from questions (measured: .012 of recall at 10, .03 at 100). Text without letters
    gives an empty plan."""
    typed = parse(query[:MAX_QUERY], {}) if isinstance(query, str) else query
    text = typed.words
    phrases = _sequences(typed.phrases)
    numbers = tuple(tokens for tokens in _sequences(typed.numbers) if tokens not in phrases)
    counted = collections.Counter(grams.index_tokens(text))
    wanted = [pair for pair in counted.items() if pair[0] not in grams.COMMON] or list(counted.items())
    terms = tuple((term, round(math.sqrt(count), 4)) for term, count in wanted[:MAX_TERMS])
    gate = gate_terms(text)
    return Plan(
        terms=terms,
        phrases=phrases + numbers,
        excluded=_sequences(typed.excluded),
        gate=gate,
        gate_needed=1,
        restriction=restriction,
        phrases_may_go=typed.has_bare_words or bool(numbers),
    )


def _sequences(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Each text as the tokens that must follow each other, without repeats and empty ones."""
    return tuple(dict.fromkeys(tokens for text in texts if (tokens := tuple(grams.positions(text)))))


def gate_terms(text: str) -> tuple[str, ...]:
    """What must match for a row to count as a match: the pairs and words of a text, or its characters if it has no others."""
    runs = grams.runs(fold(text))
    strong = [term for run, is_han in runs for term in (grams.pairs(run) if is_han else [run])]
    chosen = strong or [run for run, _ in runs]
    return tuple(dict.fromkeys(chosen))[:MAX_TERMS]


def plan_lookups(title: str, path: str, restriction: Restriction) -> tuple[Lookup, ...]:
    """The lookups for a reference, strict first: all pairs of the title candidate, then all its characters, so that 民诉法
    finds 民事诉讼法."""
    runs = grams.runs(fold(title))
    singles = tuple(dict.fromkeys(term for run, is_han in runs for term in (run if is_han else [run])))
    strict = tuple(dict.fromkeys(t for run, is_han in runs for t in (grams.pairs(run) or [run] if is_han else [run])))
    lookups = [Lookup(path, strict, restriction)]
    if singles != strict:
        lookups.append(Lookup(path, singles, restriction))
    return tuple(lookups)
