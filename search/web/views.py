"""The results page and the suggestions. Whatever stands in the address, the answer is a page that says what to do next."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.crypto import get_random_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from portal.ground.once import reading_once
from portal.ground.rights import open_to_all
from portal.ground.suppliers import ANONYMOUS, Viewer, inactive_kinds
from search import registry
from search.contracts import FacetGroup, SearchHit, SearchResults, SearchUnavailable
from search.easier import WayOn, ways_on
from search.facets import TYPE
from search.outage import suggest_always
from search.query.planner import MAX_QUERY
from search.query.syntax import day_in, without_day
from search.service import NEWEST, RELEVANCE
from search.web.asking import Asked, asked_in, who_asks
from search.web.listening import keys_above, tell, tell_click

CLICK_SALT = "search.click"
CLICK_SECONDS = 3600


@dataclasses.dataclass(frozen=True)
class ResultsPage:
    """What the slots of the page are about: `results` is None while nothing was asked."""

    asked: Asked
    results: SearchResults | None = None


@dataclasses.dataclass(frozen=True)
class Choice:
    """One option as a link: choosing it, or taking the choice back."""

    label: str
    url: str
    selected: bool
    count: int = 0


@dataclasses.dataclass(frozen=True)
class Facet:
    """A facet at the side of the results."""

    label: str
    choices: tuple[Choice, ...]
    clear_url: str

    @property
    def items(self) -> SafeString:
        """The choices as list items: a page has sixty, and a loop in the template took longer than finding the hits."""
        return mark_safe("".join(map(_list_item, self.choices)))  # noqa: S308 - each is escaped


def _list_item(choice: Choice) -> SafeString:
    chosen, undo = "", ""
    if choice.selected:
        chosen = mark_safe(' aria-current="true"')
        undo = format_html('<span class="visually-hidden">{}</span>', _("（已选，点击取消）"))
    return format_html(
        '<li><a href="{}" rel="nofollow"{}><span>{}{}</span> <span class="count">{}</span></a></li>\n',
        choice.url, chosen, choice.label, undo, choice.count,
    )  # fmt: skip


@require_safe
@open_to_all
def results(request: HttpRequest) -> HttpResponse:
    """What the reader may see for `q`, narrowed by `type`, `f.<facet>`, at the date `on`, ordered by `sort`, put together `by`
    document, page by page."""
    with reading_once():
        return _results(request)


def _results(request: HttpRequest) -> HttpResponse:
    asked = asked_in(request.GET)
    context: dict[str, Any] = {"search_query": asked.query, "query": asked.query, "asked": asked, "results": None}
    context["page"] = ResultsPage(asked)
    if not asked.query:
        return _private(render(request, "search/results.html", context))
    viewer, inactive = who_asks(request)
    found = asked.answer(viewer, inactive=inactive)
    ways: list[Choice] = []
    if not found.is_reduced:
        with contextlib.suppress(SearchUnavailable):
            ways = [] if found.total else _ways(asked, viewer, inactive)
        tell(request, asked, found)
        above = keys_above(request, asked)
        found = dataclasses.replace(found, hits=tuple(hit for hit in found.hits if hit.key not in above))
    day = asked.as_of or day_in(asked.query)
    found = dataclasses.replace(found, hits=tuple(_on_day(hit, day) for hit in found.hits))
    context |= {
        "day": day,
        "results": found,
        "page": ResultsPage(asked, found),
        "facets": [_facet(asked, group) for group in found.facets],
        "chosen": [
            dataclasses.replace(choice, label=f"{group.label}：{choice.label}")
            for group in (_facet(asked, group) for group in found.facets)
            for choice in group.choices
            if choice.selected and group.clear_url
        ],
        "orders": _orders(asked),
        "page_obj": _page(found),
        "ways": ways,
        "wide_url": Asked(asked.query).address(),
        "meant_url": Asked(found.did_you_mean).address(),
        "today_url": asked.address(as_of=None, query=without_day(asked.query)),
        "kept": [
            pair
            for pair in _pairs(dataclasses.replace(asked, query=without_day(asked.query)))
            if pair[0] not in ("on", "by")
        ],
        "clicks": _click_token(found),
    }
    return _private(render(request, "search/results.html", context))


@require_safe
@open_to_all
def suggestions(request: HttpRequest) -> HttpResponse:
    """Titles for what was typed so far, as the options of a list, or as JSON when `format=json`. Silent when search is down. Nobody is
    offered more than everybody is, so who asks is not even looked up."""
    found = suggest_always(request.GET.get("q", "")[:MAX_QUERY], ANONYMOUS, inactive=inactive_kinds(request))
    if request.GET.get("format") == "json":
        response: HttpResponse = JsonResponse({"suggestions": [dataclasses.asdict(one) for one in found]})
    else:
        response = render(request, "search/suggestions.html", {"suggestions": found})
    patch_cache_control(response, private=True, max_age=30)
    return response


@csrf_exempt
@require_POST
@open_to_all
def clicked(request: HttpRequest) -> HttpResponse:
    """A hit was opened. The page that showed it signed what it showed; each of its hits counts once. Always answers the same."""
    nothing = HttpResponse(status=204)
    try:
        shown = signing.loads(request.POST.get("shown", "")[:20_000], salt=CLICK_SALT, max_age=CLICK_SECONDS)
        number = int(request.POST.get("hit", "")[:3])
        if number < 0:
            return nothing
        row, group = shown["hits"][number]
    except (signing.BadSignature, ValueError, IndexError):
        return nothing
    if cache.add(f"search.click:{shown['once']}:{number}", 1, CLICK_SECONDS):
        tell_click(shown["q"], row, group)
    return nothing


def _on_day(hit: SearchHit, day: dt.date | None) -> SearchHit:
    """A hit that leads to what held on the day that was asked for."""
    return dataclasses.replace(hit, url=registry.address_on(hit.kind, hit.url, day))


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _page(found: SearchResults) -> Page[int]:
    return Paginator(range(found.total), found.per_page).get_page(found.page)


def _pairs(asked: Asked) -> list[tuple[str, str]]:
    return [(name, value) for name, values in asked.parameters().items() for value in values]


def _orders(asked: Asked) -> tuple[Choice, ...]:
    chosen = asked.sort == NEWEST
    return (
        Choice(_("按相关程度"), asked.address(sort=RELEVANCE), not chosen),
        Choice(_("按日期，新的在前"), asked.address(sort=NEWEST), chosen),
    )


def _facet(asked: Asked, group: FacetGroup) -> Facet:
    chosen = tuple(option.value for option in group.options if option.selected)
    choices = []
    for option in group.options:
        values = (
            tuple(value for value in chosen if value != option.value) if option.selected else (*chosen, option.value)
        )
        choices.append(Choice(option.label, _narrowed(asked, group.key, values), option.selected, option.count))
    was_asked = asked.types if group.key == TYPE else dict(asked.facets).get(group.key)
    return Facet(group.label, tuple(choices), _narrowed(asked, group.key, ()) if was_asked else "")


def _narrowed(asked: Asked, key: str, values: tuple[str, ...]) -> str:
    if key == TYPE:
        return asked.address(types=values)
    facets = tuple(pair for pair in asked.facets if pair[0] != key)
    return asked.address(facets=(*facets, (key, values)) if values else facets)


def _ways(asked: Asked, viewer: Viewer, inactive: frozenset[str]) -> list[Choice]:
    """Links to what does find something, each saying how much."""
    return [
        Choice(
            _way_label(way),
            Asked(way.query, facets=((registry.STATUS, way.statuses),) if way.statuses else ()).address(),
            False,
        )
        for way in ways_on(asked.query, viewer, inactive=inactive)
    ]


def _way_label(way: WayOn) -> str:
    if way.statuses:
        status = registry.status_label(way.statuses[-1])
        return _("在“%(status)s”的内容里有 %(total)s 条") % {"status": status, "total": way.total}
    return _("找“%(query)s”：%(total)s 条") % {"query": way.query, "total": way.total}


def _click_token(found: SearchResults) -> str:
    """What a click on one of these hits is reported with: it proves that the hits were shown, and says nothing of who saw them."""
    value = {
        "q": found.query,
        "hits": [(hit.key, f"{hit.kind}:{hit.group}") for hit in found.hits],
        "once": get_random_string(8),
    }
    return signing.dumps(value, salt=CLICK_SALT, compress=True) if found.hits else ""
