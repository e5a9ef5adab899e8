"""Answering while the engine is away: from the titles in the database, with the same rights, and with a notice."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import operator
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from portal.ground.suppliers import Viewer
from search import registry
from search.analysis.normalize import fold
from search.contracts import PAGING_LIMIT, SearchHit, SearchResults, SearchUnavailable, Suggestion
from search.highlight import Highlighter
from search.models import KnownTitle
from search.query.plan import FUTURE, HELD, PAST, Plan, Restriction
from search.query.planner import MAX_QUERY, plan_query
from search.query.syntax import parse
from search.service import MAX_PER_PAGE, NEWEST, RELEVANCE, restriction_of, search
from search.suggest import suggest

log = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0
"""After a failure the engine is not asked again for so long: a slow one would cost every reader its whole time limit."""
_CANDIDATES = 2_000
_MOST_TERMS = 40
_guard = threading.Lock()
_away_until = 0.0


def search_always(query: str, viewer: Viewer, **asked: Any) -> SearchResults:
    """`search.service.search`; while the engine is away, what the titles and summaries in the database answer, marked as
    `is_reduced`. Facets, other dates than the whole range of a title, and texts are not searched then."""
    if not _is_away():
        try:
            return search(query, viewer, **asked)
        except SearchUnavailable as error:
            _note_away(error)
    for name in ("engine", "learned", "meaning"):
        asked.pop(name, None)
    return search_titles(query, viewer, **asked)


def suggest_always(prefix: str, viewer: Viewer, limit: int = 8, **asked: Any) -> tuple[Suggestion, ...]:
    """`search.service.suggest`; nothing while the engine is away."""
    if _is_away():
        return ()
    try:
        return suggest(prefix, viewer, limit, **asked)
    except SearchUnavailable as error:
        _note_away(error)
        return ()


def forget_outage() -> None:
    """Ask the engine again at once."""
    global _away_until
    with _guard:
        _away_until = 0.0


def search_titles(
    query: str,
    viewer: Viewer,
    *,
    types: Iterable[str] = (),
    facets: Mapping[str, Sequence[str]] | None = None,
    page: int = 1,
    per_page: int = 10,
    inactive: frozenset[str] = frozenset(),
    as_of: dt.date | None = None,
    sort: str = RELEVANCE,
    by_document: bool = False,
) -> SearchResults:
    """A page of the titles and summaries that the viewer may see and that hold a part of the words, the best first, or the
    newest. A title stands for its whole document already (`by_document`). Never raises for any text."""
    started = time.perf_counter()
    text = query[:MAX_QUERY].replace("\0", " ").strip()
    per_page = max(1, min(per_page, MAX_PER_PAGE))
    typed = parse(text, registry.field_names())
    restriction = restriction_of(typed, viewer, types=types, facets=facets, inactive=inactive, as_of=as_of)
    plan = plan_query(typed, restriction)
    ranked = _ranked(plan) if viewer.tokens and not plan.is_empty else []
    if sort == NEWEST:
        ranked.sort(key=lambda line: line.published, reverse=True)
    total = min(len(ranked), PAGING_LIMIT)
    page = max(1, min(page, max(1, -(-total // per_page))))
    marker = Highlighter(plan.gate, plan.phrases)
    return SearchResults(
        query=text,
        hits=tuple(
            _hit(line, marker, restriction.on) for line in ranked[:total][(page - 1) * per_page : page * per_page]
        ),
        total=total,
        total_is_capped=len(ranked) > PAGING_LIMIT,
        page=page,
        per_page=per_page,
        facets=(),
        reference=None,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        is_reduced=True,
    )


def _ranked(plan: Plan) -> list[KnownTitle]:
    terms = plan.gate[:_MOST_TERMS]
    holds = Q()
    for term in terms:
        holds |= Q(folded__contains=term)
    lines = list(_seen(plan.restriction).filter(holds).order_by("-authority", "pk")[:_CANDIDATES])
    wanted = [phrase for phrase in plan.phrases if not plan.phrases_may_go]
    scored = []
    for line in lines:
        if any("".join(words) in line.folded for words in plan.excluded):
            continue
        if any("".join(words) not in line.folded.replace(" ", "") for words in wanted):
            continue
        title = fold(line.title)
        found = sum((term in title) * 2 + (term in line.folded) for term in terms)
        scored.append((found * line.authority, line))
    scored.sort(key=lambda pair: (-pair[0], pair[1].pk))
    return [line for _, line in scored]


def _seen(restriction: Restriction) -> Any:
    allowed = Q()
    for token in sorted(restriction.tokens):
        allowed |= Q(tokens__contains=f"|{token}|")
    on = restriction.on
    status = {
        HELD: Q(valid_from__lte=on, valid_to__gte=on),
        FUTURE: Q(valid_from__gt=on),
        PAST: Q(valid_to__lt=on),
    }
    any_status = functools.reduce(operator.or_, (status[name] for name in sorted(restriction.statuses)))
    lines = KnownTitle.objects.filter(allowed, any_status, secrecy__lte=restriction.clearance)
    lines = lines.exclude(kind__in=restriction.whole_kinds_off)
    for kind, types in restriction.types_off.items():
        lines = lines.exclude(kind=kind, type__in=types)
    return lines.filter(type__in=restriction.types) if restriction.types else lines


def _hit(line: KnownTitle, marker: Highlighter, on: int) -> SearchHit:
    return SearchHit(
        uid=line.uid,
        group=line.group,
        kind=line.kind,
        type=line.type,
        type_label=registry.type_label(line.type),
        title=line.title,
        title_html=marker.mark(line.title),
        label="",
        url=line.url,
        snippet=marker.snippet(line.summary),
        date=dt.date.fromisoformat(line.published) if line.published else None,
        facets={},
        status=FUTURE if line.valid_from > on else PAST if line.valid_to < on else HELD,
    )


def _is_away() -> bool:
    with _guard:
        return time.monotonic() < _away_until


def _note_away(error: SearchUnavailable) -> None:
    global _away_until
    log.warning("search is unavailable, titles answer instead: %s", error)
    with _guard:
        _away_until = time.monotonic() + PAUSE_SECONDS
