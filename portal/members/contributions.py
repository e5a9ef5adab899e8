"""What this app adds to the portal: the way to one's own file, and to those one looks after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.sdk import Card, CardContext, Figure, MenuItem, Tile, TileContext
from portal.ground.clock import now
from portal.ground.rights import may
from portal.members.domain.access import looks_at
from portal.members.domain.corrections import corrections_to_decide
from portal.members.rights import CORRECT, VIEW
from portal.organisations.domain.people import member_of
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Member

RECENT = dt.timedelta(days=30)


def file_card(context: CardContext) -> Mapping[str, Any] | None:
    """Who looked at the own file lately, what waits for a decision, and the way to both; nothing for who has neither."""
    member = member_of(context.user)
    in_charge = may(context.user, VIEW)
    if member is None and not in_charge:
        return None
    waiting = corrections_to_decide(context.user).count() if may(context.user, CORRECT) else 0
    looks = looks_at(member).filter(at__gt=now() - RECENT).count() if member is not None else None
    return {"has_file": member is not None, "looks": looks, "in_charge": in_charge, "waiting": waiting}


def members_tile(context: TileContext) -> Figure:
    """The members who count in the organisations in the person's charge: one query."""
    scope = within_paths(paths_where(context.request.user, VIEW), "organisation__path")
    counted = Member.objects.filter(scope, stage__in=Member.COUNTED)
    found = counted.aggregate(all=Count("pk"), probationary=Count("pk", filter=Q(stage=Member.Stage.PROBATIONARY)))
    note = _("其中预备党员 %(n)s 名") % {"n": found["probationary"]}
    return Figure(found["all"], note=note, url=reverse("memberfiles:list"))


tiles = [
    Tile("members", "党员", members_tile, "Members", unit="名", unit_en="people", needs=VIEW, order=10),
]
menu = [
    MenuItem("我的档案", "memberfiles:me", label_en="My file", order=20, place="workbench", signed_in=True),
    MenuItem("党员", "memberfiles:list", label_en="Members", order=40, place="workbench", needs="members.view"),
]
cards = [Card("党员档案", "members/cards/file.html", file_card, label_en="Members' files", order=60)]
