"""Asking: `search` for a page of hits, `suggest` while typing. Safe with any input."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import time
from collections.abc import Iterable, Mapping, Sequence

from portal.ground.clock import today
from portal.ground.suppliers import Viewer
from search import registry
from search.analysis.normalize import fold
from search.analysis.references import Reference, reference_in_query
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
from search.query.plan import Lift, Plan, Restriction
from search.query.planner import MAX_QUERY, plan_lookups, plan_query
from search.query.syntax import Typed, parse
from search.ranking.current import current_learned
from search.ranking.learned import DEPTH, Learned
from search.spelling import did_you_mean
from search.suggest import suggest

__all__ = ["SearchUnavailable", "search", "suggest"]

MAX_PER_PAGE = 50
SECTIONS = 100
SECTION_WEIGHT = 0.4
"""So many sections lift their rows, by this share of the section's own score. Chosen on the training questions; from .3 to .5
nothing changes by more than half a point."""
_REFERENCE_HITS = 3
_TITLE_TRIES = 6
_STATE = "中华人民共和国"
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]$")


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
    engine: Engine | None = None,
    learned: Learned | None = None,
) -> SearchResults:
    """A page of what `viewer` may see, best first, with totals and facets over the same rows.

    `types` and `facets` narrow down (any of the values given for one facet), `inactive` names kinds that are switched off,
    `as_of` asks for what is valid at a date (today by default). `engine` and `learned` are those in use unless others are given. A `page` behind the last gives the last. Any text is a query; without letters it finds nothing.
    Raises SearchUnavailable when the engine is down.
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
        return _answer(text, (), Counts(0, {}, {}), restriction, page, per_page, None, started)
    engine = engine or current_engine()
    learned = learned or current_learned()
    places = _look_up(engine, reference, restriction) if reference else []
    if places:
        plan = dataclasses.replace(plan, excluded_keys=frozenset(place.key for place in places))
    for tried in plan.relaxations():
        plan, counts = tried, count_all(engine, tried)
        if counts.total:
            break
    # Few matches: only they are shown, so that pages and total agree. Many: the plain ranking, which finds a little more.
    plan = dataclasses.replace(plan, gated=counts.total <= PAGING_LIMIT)
    counts = _with_places(counts, places)
    page = min(page, max(1, -(-min(counts.total, PAGING_LIMIT) // per_page)))
    first, last = (page - 1) * per_page, min(page * per_page, PAGING_LIMIT, counts.total)
    shown = places[first:last]
    if last > len(places) and last > first:
        offset = max(0, first - len(places))
        shown += ranked_hits(engine, learned, text, plan, offset, last - first - len(shown))
    understood = (
        UnderstoodReference(reference.title, reference.path, reference.label, bool(places), _titles(places))
        if reference
        else None
    )
    hits = _hits(shown, plan, frozenset(place.key for place in places))
    answer = _answer(text, hits, counts, restriction, page, per_page, understood, started)
    if understood is None and page == 1:
        return dataclasses.replace(answer, did_you_mean=did_you_mean(engine, text, plan))
    return answer


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
    wanted = set(types)
    for key, value in typed.fields:
        if key == registry.TYPE:
            wanted.add(registry.type_of_label(value))
        else:
            chosen.setdefault(key, set()).add(value)
    return Restriction(
        tokens=viewer.tokens,
        clearance=viewer.clearance,
        on=int((as_of or typed.as_of or today()).strftime("%Y%m%d")),
        kinds_off=inactive,
        types=frozenset(wanted),
        facets=tuple((key, frozenset(values)) for key, values in sorted(chosen.items()) if values),
    )


def _answer(
    query: str,
    hits: tuple[SearchHit, ...],
    counts: Counts,
    restriction: Restriction,
    page: int,
    per_page: int,
    reference: UnderstoodReference | None,
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
        reference=reference,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
    )


def with_sections(engine: Engine, plan: Plan) -> Plan:
    """The plan with a lift for the rows of the sections that match it best."""
    lifts = tuple(
        Lift("section", name, round(SECTION_WEIGHT * score, 4)) for name, score in engine.sections(plan, SECTIONS)
    )
    return dataclasses.replace(plan, lifts=plan.lifts + lifts)


def ranked_hits(engine: Engine, learned: Learned, query: str, plan: Plan, first: int, count: int) -> list[Ranked]:
    """Ranks `first` to `first + count`: the words with their sections and what was asked before, the best of them in the
    learned order if there is one."""
    plan, likeness = learned.lifted(query, with_sections(engine, plan))
    if learned.booster is None or first >= DEPTH:
        return engine.hits(plan, first, count)
    best = learned.order(engine, plan, engine.hits(plan, 0, DEPTH), likeness)
    shown = best[first : first + count]
    if len(shown) < count and len(best) == DEPTH:
        shown += engine.hits(plan, DEPTH, count - len(shown))
    return shown


def _look_up(engine: Engine, reference: Reference, restriction: Restriction) -> list[Ranked]:
    """The rows at the place that was named. What stands before the number may begin with other words (请问民法典第五十四条),
    so shorter ends of it are tried as titles too."""
    title = reference.title
    for start in range(min(_TITLE_TRIES, max(1, len(title) - 1))):
        candidate = title[start:]
        for lookup in plan_lookups(candidate, reference.article, restriction):
            if title and not lookup.title_terms:
                continue
            found = engine.lookup(lookup, 20)
            if found:
                return _closest(found, candidate)
    return []


def _closest(found: list[Ranked], title: str) -> list[Ranked]:
    """The rows whose title is the one asked for, then those that differ only by what stands in brackets (（试行）, a year); if
    there are none, the best few."""
    wanted = _bare(title)
    exact = [row for row in found if wanted and _bare(row.data["reference_title"]) == wanted]
    alike = [
        row
        for row in found
        if wanted and row not in exact and _BRACKETS.sub("", _bare(row.data["reference_title"])) == wanted
    ]
    return (exact + alike or found)[:_REFERENCE_HITS]


def _titles(places: list[Ranked]) -> tuple[str, ...]:
    titles = tuple(dict.fromkeys(place.data["reference_title"] for place in places))
    return titles if len(titles) > 1 else ()


def _bare(title: str) -> str:
    return fold(title).strip(" 《》〈〉").removeprefix(_STATE)


def _with_places(counts: Counts, places: list[Ranked]) -> Counts:
    if not places:
        return counts
    types = dict(counts.types)
    facets = {key: dict(values) for key, values in counts.facets.items()}
    for place in places:
        types[place.data["type"]] = types.get(place.data["type"], 0) + 1
        for key, value in place.data["facets"].items():
            if key in facets and value:
                facets[key][value] = facets[key].get(value, 0) + 1
    return Counts(counts.total + len(places), types, facets)


def _hits(rows: list[Ranked], plan: Plan, references: frozenset[str]) -> tuple[SearchHit, ...]:
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
                is_reference=row.key in references,
            )
        )
    return tuple(hits)
