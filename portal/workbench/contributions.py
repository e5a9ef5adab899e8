"""The cards that the workbench itself brings: what everybody has to do and was told, and what a role calls for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.sdk import Card, CardContext, Figure, MenuItem, Tile, TileContext
from portal.basepage.rights import EDIT
from portal.ground.clock import today
from portal.ground.health import readings
from portal.notices.domain import tasks_of, unread_of
from portal.notices.kinds import DUE
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation
from portal.workbench.domain.branches import branches_of
from portal.workbench.domain.desk import drafts_of, may_review, pile_of
from portal.workbench.domain.tiers import tops_of
from portal.workbench.rights import OVERSEE, SEE_HEALTH
from search.models import IndexState

SHOWN = 5


def tasks_card(context: CardContext) -> Mapping[str, Any]:
    """The next to-dos by last day: one query, a second one when there are more."""
    found = tasks_of(context.user)
    first = list(found[: SHOWN + 1])
    return {
        "tasks": first[:SHOWN],
        "total": len(first) if len(first) <= SHOWN else found.count(),
        "today": today(),
    }


def notices_card(context: CardContext) -> Mapping[str, Any] | None:
    """The newest unread notices: one query; no card without any. Reminders of to-dos are left out: the to-dos stand above."""
    if not getattr(context.user, "unread_notices", True):  # read with the person: nobody has to ask again
        return None
    unread = list(unread_of(context.user).exclude(kind=DUE.code)[:SHOWN])
    return {"notices": unread} if unread else None


def drafts_card(context: CardContext) -> Mapping[str, Any]:
    """The author's drafts."""
    return {"drafts": pile_of(drafts_of(context.user)), "may_review": may_review(context.user)}


def branches_card(context: CardContext) -> Mapping[str, Any] | None:
    """The branches whose secretary this person is, at a glance."""
    branches = branches_of(context.user)
    return {"branches": branches} if branches else None


def tiers_card(context: CardContext) -> Mapping[str, Any] | None:
    """The way into the organisations below; the figures are fetched when the card is seen."""
    tops = [top for top in tops_of(context.user) if top.numchild]
    return {"tops": tops} if tops else None


def health_card(context: CardContext) -> Mapping[str, Any]:
    """How the installation runs."""
    return {"readings": readings()}


def organisations_tile(context: TileContext) -> Figure:
    """The organisations that the person oversees, and how many of them are branches: one query."""
    within = within_paths(paths_where(context.request.user, OVERSEE.code), "path")
    branch = Q(kind__in=Organisation.BRANCH_KINDS)
    found = (
        Organisation.objects.current().filter(within).aggregate(all=Count("pk"), branches=Count("pk", filter=branch))
    )
    note = _("其中党支部 %(n)s 个") % {"n": found["branches"]}
    return Figure(found["all"], note=note, url=reverse("workbench:tiers"))


def index_tile(context: TileContext) -> Figure:
    """What search knows, and what waits to be read again: one query."""
    found = IndexState.objects.aggregate(all=Count("pk"), behind=Count("pk", filter=Q(indexed_seq__lt=F("seq"))))
    note = _("待更新 %(n)s 项") % {"n": found["behind"]} if found["behind"] else _("全部已更新")
    return Figure(found["all"], note=note, url=reverse("workbench:health"))


tiles = [
    Tile(
        "organisations",
        "党组织",
        organisations_tile,
        "Organisations",
        unit="个",
        unit_en="organisations",
        needs=OVERSEE.code,
        order=20,
    ),
    Tile(
        "index",
        "可搜索的内容",
        index_tile,
        "Things to find",
        unit="项",
        unit_en="things",
        needs=SEE_HEALTH.code,
        order=60,
    ),
]
menu = [
    MenuItem("数据概览", "workbench:figures", label_en="Figures", order=10, place="workbench", signed_in=True),
]
cards = [
    Card("待办", "workbench/cards/tasks.html", tasks_card, label_en="To-dos", order=5, route="notices:tasks"),
    Card("通知", "workbench/cards/notices.html", notices_card, label_en="Notices", order=20, route="notices:list"),
    Card(
        "运行状况",
        "workbench/cards/health.html",
        health_card,
        label_en="System health",
        needs=SEE_HEALTH.code,
        order=42,
        route="workbench:health",
    ),
    Card("我的支部", "workbench/cards/branches.html", branches_card, label_en="My branches", order=45),
    Card(
        "所辖组织",
        "workbench/cards/tiers.html",
        tiers_card,
        label_en="Organisations below",
        needs=OVERSEE.code,
        order=50,
        route="workbench:tiers",
    ),
    Card(
        "我的草稿",
        "workbench/cards/drafts.html",
        drafts_card,
        label_en="My drafts",
        needs=EDIT,
        order=55,
        route="workbench:drafts",
    ),
]
