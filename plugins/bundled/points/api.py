"""Own points, for programs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema

from plugins.bundled.points.domain.queries import label_of, standing_of, transfers_of
from plugins.bundled.points.models import Transfer
from plugins.sdk import today
from plugins.sdk.api import ApiRefusal, Listing, PageNumber, PerPage, allows, listing
from portal.public import facts

router = Router()


class Balance(Schema):
    """The points a member has: of all time, of this year and of this week."""

    total: int
    this_year: int
    this_week: int


class TransferRow(Schema):
    """Why a member has points, or lost them: `points` is negative for what was taken back."""

    uid: uuid.UUID
    points: int
    label: str
    about: str
    occurred_at: dt.datetime


def _member(request: HttpRequest) -> facts.MemberFacts:
    member = facts.member_of(request.user)
    if member is None:
        raise ApiRefusal(409, "no_member_file", _now("您的账号没有关联党员档案，因此没有积分。"))
    return member


@router.get("/balance", response=Balance, summary=_("本人的积分"))
@allows("points.see_own")
def balance(request: HttpRequest) -> Any:
    """The own points."""
    return standing_of(_member(request).uid, today())


@router.get("/transfers", response=Listing[TransferRow], summary=_("本人的积分明细，新的在前"))
@allows("points.see_own")
def transfers(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 20) -> dict[str, Any]:
    """The own points one by one."""
    return listing(transfers_of(_member(request).uid), page, per_page, _row)


def _row(transfer: Transfer) -> dict[str, Any]:
    return {
        "uid": transfer.uid,
        "points": transfer.signed,  # type: ignore[attr-defined]
        "label": label_of(transfer.rule),
        "about": transfer.about,
        "occurred_at": transfer.occurred_at,
    }
