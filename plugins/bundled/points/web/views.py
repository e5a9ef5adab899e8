"""My points, and the rules they follow."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from plugins.bundled.points.domain import queries
from plugins.sdk import needs, settings_of, today
from portal.public import facts

PER_PAGE = 20


@needs("points.see_own")
def my_points(request: HttpRequest) -> HttpResponse:
    """All transfers of the person who looks, each with its rule, its reason and its date."""
    member = facts.member_of(request.user)
    if member is None:
        return render(request, "points/no_member.html")
    page = Paginator(queries.transfers_of(member.uid), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "standing": (standing := queries.standing_of(member.uid, today())),
        "goal": queries.goal_for(standing, settings_of("points", request)),
        "by_rule": queries.totals_by_rule(member.uid),
        "page_obj": page,
        "lines": [(row, queries.label_of(row.rule)) for row in page],
    }
    return render(request, "points/mine.html", context)


@needs("points.see_own")
def rules(request: HttpRequest) -> HttpResponse:
    """Which deed earns what, and which decision says so."""
    return render(request, "points/rules.html", {"rules": queries.rules_shown(today())})
