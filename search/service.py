"""Asking: `search` for a page of hits, `suggest` while typing. Safe with any input."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.ground.clock import today
from portal.ground.suppliers import Viewer
from search import registry
from search.analysis.references import reference_in_query
from search.contracts import (
    PAGING_LIMIT,
    SearchHit,
    SearchResults,
    SearchUnavailable,
    UnderstoodReference,
)
from search.engines import current_engine
from search.engines.base import Counts, Engine, Ranked
from search.facets import count_all, facet_groups
from search.highlight import Highlighter
from search.places import look_up, pinned_rows, titles_of, with_rows
from search.query.curation import current_curation, with_other_words
from search.query.plan import FUTURE, HELD, PAST, STATUSES, Lift, Plan, Restriction
from search.query.planner import MAX_QUERY, plan_query
from search.query.syntax import Typed, parse
from search.ranking.current import current_learned
from search.ranking.learned import DEPTH, Learned
from search.spelling import did_you_mean
from search.suggest import suggest
from search.vectors.nearby import DEPTH as NEAR_DEPTH
from search.vectors.nearby import NOTHING, Meaning, Nearby, current_meaning, nearby, put_together

__all__ = ["SearchUnavailable", "search", "suggest"]

MAX_PER_PAGE = 50
SECTIONS = 100
SECTION_WEIGHT = 0.4
"""So many sections lift their rows, by this share of the section's own score. Chosen on the training questions; from .3 to .5
nothing changes by more than half a point."""
RELEVANCE, NEWEST = "relevance", "date"
SORTS = (RELEVANCE, NEWEST)


def search(
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
    engine: Engine | None = None,
    learned: Learned | None = None,
    meaning: Meaning | None = None,
) -> SearchResults:
    """A page of what `viewer` may see, best first, with totals and facets over the same rows.

    `types` and `facets` narrow down (any of the values given for one facet; "status" is one of them, without it what holds is
    found), `inactive` names kinds that are switched off, `as_of` asks for what is valid at a date (today by default). `sort` is
    "relevance" or "date" (newest first), `by_document` gives one hit for all rows of a document. `engine`, `learned` and `meaning`
    (what is found without its words, where an embedding service is set) are those in use unless others are given; an engine that
    is given goes without meaning unless it is given too. A `page` behind the last gives the last. Any text is a query; without letters it finds
    nothing. Raises SearchUnavailable when the engine is down.
    """
    started = time.perf_counter()
    text = query[:MAX_QUERY].strip()
    per_page = max(1, min(per_page, MAX_PER_PAGE))
    page = max(1, min(page, PAGING_LIMIT // per_page))
    typed = parse(text, registry.field_names())
    restriction = restriction_of(typed, viewer, types=types, facets=facets, inactive=inactive, as_of=as_of)
    plan = plan_query(typed, restriction)
    reference = reference_in_query(typed.words)
    if not viewer.tokens or (plan.is_empty and reference is None):
        return _answer(text, (), Counts(0, {}, {}), restriction, page, per_page, started)
    meaning = meaning or (current_meaning() if engine is None else None)
    engine = engine or current_engine()
    learned = learned or current_learned()
    curation = current_curation()
    if typed.has_bare_words:
        plan = with_other_words(plan, typed.words, curation)
    places = look_up(engine, curation, reference, restriction) if reference else []
    understood = (
        UnderstoodReference(reference.title, reference.path, reference.label, bool(places), titles_of(places))
        if reference
        else None
    )
    pins: list[Ranked] = []
    if sort == NEWEST:
        places, plan = [], dataclasses.replace(plan, newest_first=True)
    else:
        pins = pinned_rows(engine, curation.pinned(text, today()), restriction)
    keys = {"pin": frozenset(row.key for row in pins), "place": frozenset(row.key for row in places)}
    on_top = [*pins, *(place for place in places if place.key not in keys["pin"])]
    if on_top:
        plan = dataclasses.replace(plan, excluded_keys=frozenset(row.key for row in on_top))
    for tried in plan.relaxations():
        plan, counts = tried, count_all(engine, tried)
        if counts.total:
            break
    # Few matches: only they are shown, so that pages and total agree. Many: the plain ranking, which finds a little more.
    is_gated = plan.newest_first or counts.total <= PAGING_LIMIT
    plan = plan.with_gate_scored() if is_gated else dataclasses.replace(plan, gated=False)
    near = NOTHING if plan.newest_first or reference else nearby(engine, typed.words, plan, meaning)
    counts = with_rows(counts, [*on_top, *(near.beside(engine, plan) if plan.gated else ())])
    places_found = min(counts.total, PAGING_LIMIT) if by_document else 0
    more: dict[str, int] = {}
    if by_document:
        shown, more, page, counts = _documents(engine, learned, text, plan, near, on_top, counts, page, per_page)
    else:
        page = min(page, max(1, -(-min(counts.total, PAGING_LIMIT) // per_page)))
        first, last = (page - 1) * per_page, min(page * per_page, PAGING_LIMIT, counts.total)
        shown = on_top[first:last]
        if last > len(on_top) and last > first:
            offset = max(0, first - len(on_top))
            shown += ranked_hits(engine, learned, text, plan, offset, last - first - len(shown), near)
    hits = _hits(shown, plan, keys, more)
    answer = dataclasses.replace(
        _answer(text, hits, counts, restriction, page, per_page, started),
        reference=understood,
        rows=places_found,
        also=tuple(curation.others_for(typed.words)) if typed.has_bare_words else (),
    )
    if understood is None and page == 1:
        return dataclasses.replace(answer, did_you_mean=did_you_mean(engine, text, plan))
    return answer


def _documents(
    engine: Engine,
    learned: Learned,
    query: str,
    plan: Plan,
    near: Nearby,
    on_top: list[Ranked],
    counts: Counts,
    page: int,
    per_page: int,
) -> tuple[list[Ranked], dict[str, int], int, Counts]:
    """The best row of each document on a page, how many further rows each has, the page and the counts: documents are put
    together among the first `PAGING_LIMIT` rows."""
    many = min(counts.total, PAGING_LIMIT) - len(on_top)
    rows = [*on_top, *ranked_hits(engine, learned, query, plan, 0, many, near)]
    best: dict[str, Ranked] = {}
    more: dict[str, int] = {}
    for row in rows:
        group = f"{row.data['kind']}:{row.data['group']}"
        if group in best:
            more[best[group].key] += 1
        else:
            best[group], more[row.key] = row, 0
    page = min(page, max(1, -(-len(best) // per_page)))
    is_capped = counts.total > PAGING_LIMIT
    total = max(len(best), PAGING_LIMIT + 1) if is_capped else len(best)
    shown = list(best.values())[(page - 1) * per_page : page * per_page]
    return shown, more, page, dataclasses.replace(counts, total=total)


def restriction_of(
    typed: Typed,
    viewer: Viewer,
    *,
    types: Iterable[str] = (),
    facets: Mapping[str, Sequence[str]] | None = None,
    inactive: frozenset[str] = frozenset(),
    as_of: dt.date | None = None,
) -> Restriction:
    """What is never scored: from who asks, what was chosen, and the fields that were typed. A date that was chosen counts more
    than one that was typed."""
    known = registry.facet_labels()
    chosen: dict[str, set[str]] = {key: set(values) for key, values in (facets or {}).items() if key in known}
    statuses = set((facets or {}).get(registry.STATUS, ()))
    wanted = set(types)
    for key, value in typed.fields:
        if key == registry.TYPE:
            wanted.add(registry.type_of_label(value))
        elif key == registry.STATUS:
            statuses.add(registry.status_of_label(value))
        else:
            chosen.setdefault(key, set()).add(value)
    return Restriction(
        tokens=viewer.tokens,
        clearance=viewer.clearance,
        on=int((as_of or typed.as_of or today()).strftime("%Y%m%d")),
        kinds_off=inactive,
        types=frozenset(wanted),
        facets=tuple((key, frozenset(values)) for key, values in sorted(chosen.items()) if values),
        statuses=frozenset(statuses & set(STATUSES)) or frozenset({HELD}),
    )


def _answer(
    query: str,
    hits: tuple[SearchHit, ...],
    counts: Counts,
    restriction: Restriction,
    page: int,
    per_page: int,
    started: float,
) -> SearchResults:
    return SearchResults(
        query=query,
        hits=hits,
        total=min(counts.total, PAGING_LIMIT),
        total_is_capped=counts.total > PAGING_LIMIT,
        page=page,
        per_page=per_page,
        facets=facet_groups(counts, restriction),
        reference=None,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
    )


def with_sections(engine: Engine, plan: Plan) -> Plan:
    """The plan with a lift for the rows of the sections that match it best."""
    lifts = tuple(
        Lift("section", name, round(SECTION_WEIGHT * score, 4)) for name, score in engine.sections(plan, SECTIONS)
    )
    return dataclasses.replace(plan, lifts=plan.lifts + lifts)


def ranked_hits(
    engine: Engine, learned: Learned, query: str, plan: Plan, first: int, count: int, near: Nearby = NOTHING
) -> list[Ranked]:
    """Ranks `first` to `first + count`: the words with their sections and what was asked before, the best of them in the
    learned order if there is one, then those put together with what is near."""
    if not near.rows:
        return _ranked_by_words(engine, learned, query, plan, first, count)
    words = _ranked_by_words(engine, learned, query, plan, 0, NEAR_DEPTH)
    merged = put_together(words, near)
    shown = merged[first : first + count]
    if len(shown) < count and len(words) == NEAR_DEPTH:
        raised = frozenset(row.key for row in near.rows) - {row.key for row in words}
        rest = dataclasses.replace(plan, excluded_keys=plan.excluded_keys | raised)
        behind = NEAR_DEPTH + max(0, first - len(merged))
        shown += _ranked_by_words(engine, learned, query, rest, behind, count - len(shown))
    return shown


def _ranked_by_words(engine: Engine, learned: Learned, query: str, plan: Plan, first: int, count: int) -> list[Ranked]:
    plan, likeness = learned.lifted(query, with_sections(engine, plan))
    if learned.booster is None or first >= DEPTH:
        return engine.hits(plan, first, count)
    best = learned.order(engine, plan, engine.hits(plan, 0, DEPTH), likeness)
    shown = best[first : first + count]
    if len(shown) < count and len(best) == DEPTH:
        shown += engine.hits(plan, DEPTH, count - len(shown))
    return shown


def _hits(
    rows: list[Ranked], plan: Plan, keys: Mapping[str, frozenset[str]], more: Mapping[str, int]
) -> tuple[SearchHit, ...]:
    highlighter = Highlighter(plan.gate, plan.phrases)
    hits = []
    for row in rows:
        data = row.data
        hits.append(
            SearchHit(
                uid=data["uid"],
                group=data["group"],
                kind=data["kind"],
                type=data["type"],
                type_label=registry.type_label(data["type"]),
                title=data["title"],
                title_html=highlighter.mark(data["title"]),
                label=data["label"],
                url=data["url"],
                snippet=highlighter.snippet(data["body"] or data["summary"]),
                date=dt.date.fromisoformat(data["published"]) if data["published"] else None,
                facets=data["facets"],
                is_reference=row.key in keys["place"],
                is_pinned=row.key in keys["pin"],
                status=_status(data, plan.restriction.on),
                more=more.get(row.key, 0),
                work_url=data["work_url"],
            )
        )
    return tuple(hits)


def _status(data: Mapping[str, Any], on: int) -> str:
    if data["valid_from"] > on:
        return FUTURE
    return PAST if data["valid_to"] < on else HELD
