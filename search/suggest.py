"""Suggestions while typing: titles by their characters, pinyin initials or full pinyin. Public titles of level 0 only."""

from __future__ import annotations

from portal.ground.clock import today
from portal.ground.suppliers import PUBLIC_TOKEN, Viewer
from search import registry
from search.analysis.pinyin import START, suggest_key
from search.contracts import Suggestion
from search.engines import current_engine
from search.engines.base import Engine
from search.query.plan import Restriction

MAX_SUGGESTIONS = 20


def suggest(
    prefix: str,
    viewer: Viewer,
    limit: int = 8,
    *,
    inactive: frozenset[str] = frozenset(),
    engine: Engine | None = None,
) -> tuple[Suggestion, ...]:
    """Up to `limit` titles for what was typed so far; those that begin with it come first.

    What is suggested does not depend on the viewer, so nothing can be learnt from it; a viewer without the public token gets
    none. Raises SearchUnavailable.
    """
    key = suggest_key(prefix)
    if not key or PUBLIC_TOKEN not in viewer.tokens:
        return ()
    limit = max(1, min(limit, MAX_SUGGESTIONS))
    restriction = Restriction(frozenset({PUBLIC_TOKEN}), 0, int(today().strftime("%Y%m%d")), kinds_off=inactive)
    found: dict[str, Suggestion] = {}
    for wanted in (START + key, key):
        for row in (engine or current_engine()).suggest(wanted, restriction, limit * 3):
            data = row.data
            url = data["work_url"] or data["url"]
            found.setdefault(
                data["title"], Suggestion(data["title"], url, data["type"], registry.type_label(data["type"]))
            )
        if len(found) >= limit:
            break
    return tuple(found.values())[:limit]
