"""Saved queries over a new batch of documents: which of them each query finds, asked in an index in memory."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from portal.ground.clock import today
from portal.ground.suppliers import Viewer
from search import registry
from search.analysis.normalize import fold
from search.contracts import SearchDocument
from search.engines import engine_of_rows
from search.engines.base import Engine, Ranked
from search.engines.rows import make_rows
from search.query.curation import Curation, current_curation
from search.query.plan import FUTURE, HELD, Plan
from search.query.planner import plan_query
from search.query.syntax import parse
from search.service import restriction_of

MOST_HITS = 50
"""Rows of one batch that one query is told of, at most."""
_EVERYTHING = 99
_SHORT = 5
_SHARE = 0.7


@dataclasses.dataclass(frozen=True)
class Watch:
    """A saved query. `name` is given back with what it finds."""

    name: Hashable
    query: str
    types: tuple[str, ...] = ()
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()


def found_by(
    documents: Iterable[SearchDocument],
    watches: Sequence[Watch],
    viewer_of: Callable[[Hashable], Viewer | None],
    *,
    inactive: frozenset[str] = frozenset(),
) -> Mapping[Hashable, list[Ranked]]:
    """What of a batch of documents each query finds that its person may see now, best first; queries without finds are left
    out. What holds only from a later day on is found as well: a rule is announced before it is in force. `viewer_of` is asked
    only where a query finds anything at all, and with None for nobody."""
    listed = [document for document in documents if document.tokens and document.kind not in inactive]
    if not listed or not watches:
        return {}
    engine = engine_of_rows(make_rows(listed, 1))
    curation = current_curation()
    anybody = Viewer(frozenset().union(*(document.tokens for document in listed)), _EVERYTHING)
    found: dict[Hashable, list[Ranked]] = {}
    for watch in watches:
        if not _hits(engine, watch, anybody, curation, inactive, 1):
            continue
        viewer = viewer_of(watch.name)
        rows = _hits(engine, watch, viewer, curation, inactive, MOST_HITS) if viewer is not None else []
        if rows:
            found[watch.name] = rows
    return found


def _hits(
    engine: Engine, watch: Watch, viewer: Viewer, curation: Curation, inactive: frozenset[str], many: int
) -> list[Ranked]:
    """What the query finds, or the query with another word in place of the one that was typed."""
    if not viewer.tokens:
        return []
    typed = parse(watch.query, registry.field_names())
    asked = {key: values for key, values in watch.facets if key != registry.STATUS}
    restriction = dataclasses.replace(
        restriction_of(typed, viewer, types=watch.types, facets=asked, inactive=inactive, as_of=today()),
        statuses=frozenset({HELD, FUTURE}),
    )
    plans = [_strict(plan_query(typed, restriction))]
    if typed.has_bare_words:
        for word, other in curation.others_for(typed.words):
            instead = dataclasses.replace(typed, words=fold(typed.words).replace(word, other))
            plans.append(_strict(plan_query(instead, restriction)))
    rows = {row.key: row for plan in plans for row in engine.hits(plan, 0, many)}
    return list(rows.values())[:many]


def _strict(plan: Plan) -> Plan:
    """All pairs of a short query must stand in a row, and most of a long one's: an alert costs more attention than a hit on a
    page."""
    many = len(plan.gate)
    return dataclasses.replace(plan, gated=True, gate_needed=many if many <= _SHORT else math.ceil(_SHARE * many))
