"""The register in the administration: the tree, and one organisation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.ground.clock import today
from portal.ground.rights import needs
from portal.organisations.admin_forms import MANAGE, kind_choices, own_rows
from portal.organisations.admin_operations import OPERATIONS
from portal.organisations.admin_pages import SHOWN, free_to_place, page
from portal.organisations.domain.history import members_as_of, organisations_as_of, time_line
from portal.organisations.domain.overview import Branch, below, nodes_of, opened_tree, search_nodes
from portal.organisations.domain.rights import paths_where
from portal.organisations.domain.rules import term_rule
from portal.organisations.models import Organisation, Post, Term

SUGGESTIONS = 20
PAST_ROWS = 8000


@needs(MANAGE)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """The own subtrees, opened down to `open` (an id), or what `q` finds, or the register as of `day`."""
    paths = paths_where(request.user, MANAGE)
    text = request.GET.get("q", "").strip()[:80]
    if request.GET.get("day"):
        return _past(request, paths)
    found = search_nodes(text, paths) if text else []
    branches = [] if text else opened_tree(paths, _path_to_open(request))
    return page(
        request,
        "tree.html",
        "",
        branches=branches,
        found=found,
        text=text,
        may_found_root=request.user.is_superuser,
        today=today(),
    )


def _path_to_open(request: HttpRequest) -> str | None:
    """The tree path down to which the page is opened, when the address names one of the own subtree."""
    asked = request.GET.get("open", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    row = own_rows(request.user).filter(pk=int(asked)).first()
    return str(row.path) if row is not None else None


@needs(MANAGE)
@require_GET
def children(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands below one organisation, as list items for the tree."""
    row = get_object_or_404(own_rows(request.user), pk=pk)
    branches = [Branch(node) for node in below(row)]
    return render(request, "organisations/admin/tree_items.html", {"branches": branches})


@needs(MANAGE)
@require_GET
def suggestions(request: HttpRequest) -> JsonResponse:
    """Organisations of the own subtree that fit what was typed, for a field that asks for one."""
    wanted = request.GET.get("q", "").strip()[:80]
    found = search_nodes(wanted, paths_where(request.user, MANAGE), limit=SUGGESTIONS)
    return JsonResponse(
        {
            "found": [
                {"code": node.organisation.code, "label": f"{node.organisation} · {' / '.join(node.above)}"}
                for node in found
            ]
        }
    )


def _past(request: HttpRequest, paths: list[str] | None) -> HttpResponse:
    try:
        day = dt.date.fromisoformat(request.GET["day"])
    except ValueError:
        messages.error(request, _("日期要写成 2026-07-01 这样。"))
        return redirect("organisations:index")
    scope = Organisation.objects.all()
    if paths is not None:
        scope = scope.within([Organisation(path=path) for path in paths])
    own = set(scope.order_by().values_list("pk", flat=True))
    people = members_as_of(day)
    rows = [row for row in organisations_as_of(day) if row.id in own]
    lowest = min((row.level for row in rows), default=0)
    shown = [
        {
            "row": row,
            "kind": Organisation.Kind(row.kind).label,
            "members": people.get(row.id, 0),
            "indent": min(row.level - lowest, 8),
        }
        for row in rows[:PAST_ROWS]
    ]
    return page(
        request,
        "past.html",
        _("%(day)s 的组织") % {"day": day},
        day=day,
        rows=shown,
        cut=max(0, len(rows) - PAST_ROWS),
        members=sum(people.get(row.id, 0) for row in rows),
    )


# --- one organisation -------------------------------------------------------------------------------------------------


@needs(MANAGE)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Facts, posts, terms, warnings, history and what can be done, of an organisation in the own subtree, ended ones too."""
    paths = paths_where(request.user, MANAGE)
    rows = Organisation.objects.select_related("attached_to")
    if paths is not None:
        rows = rows.within([Organisation(path=path) for path in paths])
    row = get_object_or_404(rows, pk=pk)
    (node,) = nodes_of([row], with_above=True)
    posts = Post.objects.filter(organisation=row).select_related("member__organisation").order_by("ended_on", "pk")
    current = [post for post in posts if post.ended_on is None]
    order = {kind: place for place, kind in enumerate(Post.Kind.values)}
    return page(
        request,
        "detail.html",
        str(row),
        organisation=None,
        row=row,
        node=node,
        posts=sorted(current, key=lambda post: (order[post.kind], post.pk)),
        former=[post for post in posts if post.ended_on is not None][-50:],
        terms=Term.objects.filter(organisation=row).order_by("-since")[:20],
        term_rule=term_rule(row.kind),
        events=time_line(row)[:200],
        operations=_operations(request.user, row) if row.ended_on is None else [],
        league=row.league_organisations.filter(ended_on__isnull=True),
    )


def _operations(user: Any, row: Organisation) -> list[dict[str, str]]:
    free = free_to_place(user, row)
    return [
        {"name": name, "label": str(kind.title), "url": reverse(f"organisations:{name}", args=[row.pk])}
        for name, kind in OPERATIONS.items()
        if kind.listed and (free or not kind.changes_place) and not (name == "found" and not kind_choices(row))
    ]


@needs(MANAGE)
@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Where Wagtail leads to edit an organisation: its page."""
    return redirect(SHOWN, pk)
