"""The rows of one type that fit a query best, without counting: for an answer above the results."""

from __future__ import annotations

from collections.abc import Iterable

from portal.ground.suppliers import Viewer
from search.engines import current_engine
from search.engines.base import Engine, Ranked
from search.query.planner import plan_query
from search.query.syntax import parse
from search.service import restriction_of


def closest_rows(
    query: str,
    viewer: Viewer,
    types: Iterable[str],
    *,
    limit: int = 5,
    inactive: frozenset[str] = frozenset(),
    engine: Engine | None = None,
) -> list[Ranked]:
    """Up to `limit` rows of these types that hold any pair of the query and that the viewer may see, best first. Raises
    SearchUnavailable."""
    typed = parse(query, {})
    plan = plan_query(typed, restriction_of(typed, viewer, types=types, inactive=inactive))
    if not viewer.tokens or plan.is_empty:
        return []
    return (engine or current_engine()).hits(plan, 0, limit)
