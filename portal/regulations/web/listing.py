"""The list of works."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ground.clock import today
from portal.ground.rights import open_to_all
from portal.ground.suppliers import viewer_of
from portal.regulations.domain.queries import FacetChoice, Wanted, code_of, facets_of, page_of_regulations
from portal.regulations.models import Level, Regulation
from portal.regulations.web.about import BADGES

PER_PAGE = 20
FACET_OPTIONS = 12


def _status_labels() -> dict[str, str]:
    return {"in_force": _("有效"), "not_yet": _("尚未生效"), "repealed": _("已废止"), "expired": _("失效")}


@dataclasses.dataclass(frozen=True)
class Choice:
    label: str
    count: int
    url: str
    selected: bool


@dataclasses.dataclass(frozen=True)
class Row:
    """A work in the list."""

    work: Regulation
    badge: str
    badge_state: str


@require_safe
@open_to_all
def regulation_list(request: HttpRequest) -> HttpResponse:
    """Works by level, status and year, page by page."""
    asked = request.GET
    wanted = Wanted(
        level=asked.get("level", "") if asked.get("level") in Level.values else "",
        status=asked.get("status", "") if asked.get("status") in _status_labels() else "",
        year=_year(asked.get("year", "")),
        words=asked.get("q", "").replace("\0", "")[:60].strip(),
    )
    viewer = viewer_of(request.user)
    day = today()
    total, facets = facets_of(viewer, wanted, day)
    page = Paginator(range(total), PER_PAGE).get_page(asked.get("page"))
    works = page_of_regulations(viewer, wanted, day, page.start_index() - 1, page.end_index()) if total else []
    labels = _status_labels()
    rows = [Row(work, labels[code], BADGES[code]) for work, code in ((work, code_of(work, day)) for work in works)]
    names = {"level": dict(Level.choices), "status": labels}
    chosen = {"level": wanted.level, "status": wanted.status, "year": str(wanted.year or "")}
    groups = [
        (
            title,
            [
                Choice(
                    str(names.get(key, {}).get(option.value, option.value)),
                    option.count,
                    _query(asked, key, "" if chosen[key] == option.value else option.value),
                    chosen[key] == option.value,
                )
                for option in _shortened(facets[key], chosen[key])
            ],
        )
        for key, title in (("level", _("效力级别")), ("status", _("时效")), ("year", _("年份")))
        if facets[key]
    ]
    context = {"page_obj": page, "rows": rows, "groups": groups, "wanted": wanted, "narrowed": any(chosen.values())}
    return render(request, "regulations/list.html", context)


def _shortened(options: list[FacetChoice], chosen: str) -> list[FacetChoice]:
    """The first few options, and the chosen one wherever it stands."""
    return [option for place, option in enumerate(options) if place < FACET_OPTIONS or option.value == chosen]


def _year(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) == 4 and raw >= "1000" else None


def _query(asked: Any, key: str, value: str) -> str:
    query = asked.copy()
    query.pop("page", None)
    query.pop(key, None)
    if value:
        query[key] = value
    return "?" + query.urlencode()
