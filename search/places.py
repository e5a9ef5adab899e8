"""Rows that are asked for by name: an article by its number, a document that editors put first for a query."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from search.analysis.normalize import fold
from search.analysis.references import Reference
from search.engines.base import Counts, Engine, Ranked
from search.query.curation import Curation
from search.query.plan import Lookup, Restriction
from search.query.planner import plan_lookups

_REFERENCE_HITS = 3
_TITLE_TRIES = 6
_STATE = "中华人民共和国"
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]$")


def pinned_rows(engine: Engine, groups: Iterable[str], restriction: Restriction) -> list[Ranked]:
    """One row of each of these groups that passes the restriction, in their order: who may not see a document does not meet it
    here either. A row that names its work leads there."""
    rows: list[Ranked] = []
    for group in groups:
        found = engine.lookup(Lookup("", (), dataclasses.replace(restriction, groups=frozenset({group}))), 1)
        for row in found:
            whole = (
                {"url": row.data["work_url"], "label": "", "body": row.data["summary"]} if row.data["work_url"] else {}
            )
            rows.append(dataclasses.replace(row, data={**row.data, **whole}))
    return rows


def look_up(engine: Engine, curation: Curation, reference: Reference, restriction: Restriction) -> list[Ranked]:
    """The rows at the place that was named. What stands before the number may begin with other words (请问民法典第五十四条),
    so shorter ends of it are tried as titles too."""
    title = reference.title
    full = curation.full_title(title)
    tried = [full] if full != title else []
    tried += [title[start:] for start in range(min(_TITLE_TRIES, max(1, len(title) - 1)))]
    for candidate in tried:
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


def titles_of(places: list[Ranked]) -> tuple[str, ...]:
    titles = tuple(dict.fromkeys(place.data["reference_title"] for place in places))
    return titles if len(titles) > 1 else ()


def _bare(title: str) -> str:
    return fold(title).strip(" 《》〈〉").removeprefix(_STATE)


def with_rows(counts: Counts, rows: Iterable[Ranked]) -> Counts:
    """The counts with these rows added, which they do not hold."""
    types = dict(counts.types)
    facets = {key: dict(values) for key, values in counts.facets.items()}
    total = counts.total
    for row in rows:
        total += 1
        types[row.data["type"]] = types.get(row.data["type"], 0) + 1
        for key, held in row.data["facets"].items():
            for value in [held] if isinstance(held, str) else held:
                if key in facets and value:
                    facets[key][value] = facets[key].get(value, 0) + 1
    return dataclasses.replace(counts, total=total, types=types, facets=facets)
