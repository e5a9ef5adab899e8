"""What an address asks of search: query, narrowing, order, date and page. Read in one place, for the page, its export and what
is saved of it. Whatever stands in the address, reading it gives a question."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import Any
from urllib.parse import quote_plus

from django.http import HttpRequest, QueryDict

from portal.ground.suppliers import Viewer, inactive_kinds, viewer_of
from search import registry
from search.contracts import SearchResults
from search.outage import search_always
from search.query.planner import MAX_QUERY
from search.query.syntax import day_of
from search.service import NEWEST, RELEVANCE, SORTS

PER_PAGE = 10
FACET_PREFIX = "f."
MOST_VALUES = 10
LONGEST_VALUE = 200


@dataclasses.dataclass(frozen=True)
class Asked:
    """A question as an address puts it. `date_is_bad` says that its date was not understood and today is meant."""

    query: str
    types: tuple[str, ...] = ()
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    as_of: dt.date | None = None
    sort: str = RELEVANCE
    by_document: bool = False
    page: int = 1
    date_is_bad: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether a type or facet was chosen."""
        return bool(self.types or self.facets)

    def parameters(self) -> dict[str, list[str]]:
        """The values of an address that asks the same, without the page."""
        values = {"q": [self.query], registry.TYPE: list(self.types)}
        values |= {FACET_PREFIX + key: list(chosen) for key, chosen in self.facets}
        values["on"] = [self.as_of.isoformat()] if self.as_of else []
        values["sort"] = [self.sort] if self.sort != RELEVANCE else []
        values["by"] = ["document"] if self.by_document else []
        return {name: held for name, held in values.items() if held}

    def address(self, **changed: Any) -> str:
        """The query part of an address that asks the same, or the same but for what is changed; the first page."""
        values = (dataclasses.replace(self, **changed) if changed else self).parameters()
        return "?" + "&".join([f"{_quoted(name)}={_quoted(one)}" for name, held in values.items() for one in held])

    def answer(
        self, viewer: Viewer, *, inactive: frozenset[str], per_page: int = PER_PAGE, page: int | None = None
    ) -> SearchResults:
        """What `viewer` may see of it; from titles alone while the engine is away (see `search.outage`)."""
        return search_always(
            self.query,
            viewer,
            types=self.types,
            facets=dict(self.facets),
            page=self.page if page is None else page,
            per_page=per_page,
            inactive=inactive,
            as_of=self.as_of,
            sort=self.sort,
            by_document=self.by_document,
        )


def asked_in(values: QueryDict) -> Asked:
    """The question in the values of an address or form. Never raises."""
    known = [*registry.facet_labels(), registry.STATUS]
    raw_day = values.get("on", "").strip()
    as_of = day_of(raw_day) if raw_day else None
    chosen = ((key, _values(values, FACET_PREFIX + key)) for key in known)
    return Asked(
        query=values.get("q", "")[:MAX_QUERY].replace("\0", " ").strip(),
        types=_values(values, registry.TYPE),
        facets=tuple((key, held) for key, held in chosen if held),
        as_of=as_of,
        sort=values.get("sort", "") if values.get("sort") in SORTS else RELEVANCE,
        by_document=values.get("by") == "document",
        page=_page_of(values.get("page", "")),
        date_is_bad=bool(raw_day) and as_of is None,
    )


def sort_choices() -> tuple[str, ...]:
    """The orders that can be asked for."""
    return (RELEVANCE, NEWEST)


def who_asks(request: HttpRequest) -> tuple[Viewer, frozenset[str]]:
    """The viewer of a request, and the kinds that are switched off on its site."""
    return viewer_of(request.user), inactive_kinds(request)


@functools.lru_cache(maxsize=4_000)
def _quoted(text: str) -> str:
    return quote_plus(text)  # a page links to each value of each facet: most parts of all these addresses are the same


def _values(values: QueryDict, name: str) -> tuple[str, ...]:
    held = (value[:LONGEST_VALUE].replace("\0", " ") for value in values.getlist(name)[:MOST_VALUES])
    return tuple(dict.fromkeys(value for value in held if value))


def _page_of(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 6 else 1
