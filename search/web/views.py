"""The results page and the suggestions. Whatever stands in the address, the answer is a page that says what to do next."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from wagtail.models import Site

from portal.ground.rights import open_to_all
from portal.ground.suppliers import inactive_kinds, viewer_of
from search import registry
from search.contracts import FacetGroup, SearchResults, SearchUnavailable
from search.facets import TYPE
from search.query.planner import MAX_QUERY
from search.service import search, suggest

log = logging.getLogger(__name__)

PER_PAGE = 10
FACET_PREFIX = "f."
_MAX_CHOICES = 10


@dataclasses.dataclass(frozen=True)
class Choice:
    """One option of a facet as a link: choosing it, or taking the choice back."""

    label: str
    count: int
    url: str
    selected: bool


@dataclasses.dataclass(frozen=True)
class Facet:
    """A facet at the side of the results."""

    label: str
    choices: tuple[Choice, ...]
    clear_url: str


@require_safe
@open_to_all
def results(request: HttpRequest) -> HttpResponse:
    """What the reader may see for `q`, narrowed by `type`, `f.<facet>`, at the date `on`, page by page."""
    query = request.GET.get("q", "")[:MAX_QUERY].replace("\0", " ").strip()
    context: dict[str, Any] = {"search_query": query, "query": query, "results": None}
    if not query:
        return render(request, "search/results.html", context)
    as_of, date_is_bad = _date_of(request.GET.get("on", ""))
    context |= {"as_of": as_of, "date_is_bad": date_is_bad}
    try:
        found = search(
            query,
            viewer_of(request.user),
            types=request.GET.getlist(TYPE)[:_MAX_CHOICES],
            facets={key: request.GET.getlist(FACET_PREFIX + key)[:_MAX_CHOICES] for key in registry.facet_labels()},
            page=_page_of(request.GET.get("page", "")),
            per_page=PER_PAGE,
            inactive=_switched_off(request),
            as_of=as_of,
        )
    except SearchUnavailable:
        log.warning("search is unavailable", exc_info=True)
        response = render(request, "search/results.html", context | {"unavailable": True}, status=503)
        response["Retry-After"] = "30"
        return response
    context |= {
        "results": found,
        "facets": [_facet(request.GET, group) for group in found.facets],
        "page_obj": _page(found),
        "is_narrowed": bool(request.GET.getlist(TYPE) or any(name.startswith(FACET_PREFIX) for name in request.GET)),
        "wide_url": "?" + _query({"q": query}),
        "meant_url": "?" + _query({"q": found.did_you_mean}),
    }
    response = render(request, "search/results.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
@open_to_all
def suggestions(request: HttpRequest) -> HttpResponse:
    """Titles for what was typed so far, as a list of links, or as JSON when `format=json`. Silent when search is down."""
    try:
        found = suggest(request.GET.get("q", "")[:MAX_QUERY], viewer_of(request.user), inactive=_switched_off(request))
    except SearchUnavailable:
        log.warning("search is unavailable", exc_info=True)
        found = ()
    if request.GET.get("format") == "json":
        response: HttpResponse = JsonResponse({"suggestions": [dataclasses.asdict(one) for one in found]})
    else:
        response = render(request, "search/suggestions.html", {"suggestions": found})
    patch_cache_control(response, private=True, max_age=30)
    return response


def _switched_off(request: HttpRequest) -> frozenset[str]:
    site = Site.find_for_request(request)
    return inactive_kinds(site.pk if site else None)


def _page_of(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 6 else 1


def _date_of(raw: str) -> tuple[dt.date | None, bool]:
    if not raw:
        return None, False
    try:
        return dt.date.fromisoformat(raw), False
    except ValueError:
        return None, True


def _page(found: SearchResults) -> Page[int]:
    return Paginator(range(found.total), found.per_page).get_page(found.page)


def _query(values: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(values)
    return query.urlencode()


def _facet(asked: QueryDict, group: FacetGroup) -> Facet:
    name = TYPE if group.key == TYPE else FACET_PREFIX + group.key
    choices = []
    for option in group.options:
        query = asked.copy()
        query.pop("page", None)
        values = [value for value in query.getlist(name) if value != option.value]
        query.setlist(name, values if option.selected else [*values, option.value])
        choices.append(Choice(option.label, option.count, f"?{query.urlencode()}", option.selected))
    cleared = asked.copy()
    cleared.pop("page", None)
    had = cleared.pop(name, None)
    return Facet(group.label, tuple(choices), f"?{cleared.urlencode()}" if had else "")
