"""Ways on from a page without results: the same query with less in it, as far as that finds something."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from portal.ground.suppliers import Viewer
from search import registry
from search.engines import current_engine
from search.engines.base import Engine
from search.query.plan import FUTURE, HELD, PAST
from search.query.planner import plan_query
from search.query.syntax import parse
from search.service import restriction_of

MOST = 4
_MARKS = re.compile(r'["“”「」『』]')


@dataclasses.dataclass(frozen=True)
class WayOn:
    """Another query and how many rows it finds (counted to the end). `statuses` are given where not the words are in the way
    but that what was found holds no more, or not yet."""

    query: str
    total: int
    statuses: tuple[str, ...] = ()


def ways_on(
    query: str, viewer: Viewer, *, inactive: frozenset[str] = frozenset(), engine: Engine | None = None
) -> tuple[WayOn, ...]:
    """Up to `MOST` other queries that find something. Raises SearchUnavailable."""
    engine = engine or current_engine()
    found: list[WayOn] = []
    typed = parse(query, registry.field_names())
    restriction = restriction_of(typed, viewer, inactive=inactive)
    own = plan_query(typed, restriction)
    for status, count in engine.statuses(own).items():
        if status in (PAST, FUTURE) and count:
            found.append(WayOn(query, count, (HELD, status)))
    for other in _others(query, typed.words):
        plan = plan_query(other, restriction_of(parse(other, {}), viewer, inactive=inactive))
        total = engine.counts(plan, [], types=False).total
        if total:
            found.append(WayOn(other, total))
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _others(query: str, words: str) -> Iterator[str]:
    given = {query.strip()}
    bare = " ".join(_MARKS.sub(" ", words).split())
    parts = bare.split()
    shorter = [bare, *(sorted(parts, key=len, reverse=True) if len(parts) > 1 else [])]
    if len(parts) <= 1 and len(bare) > 3:
        half = (len(bare) + 1) // 2
        shorter += [bare[:half], bare[half:]]
    for one in shorter[: MOST + 2]:
        if one and one not in given:
            given.add(one)
            yield one
