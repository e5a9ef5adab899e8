"""What is disclosed, for programs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from plugins.bundled.disclosure.domain.queries import items_for
from plugins.bundled.disclosure.models import Item
from plugins.sdk.api import OPEN, Listing, PageNumber, PerPage, Words, allows, listing

router = Router()


class ItemRow(Schema):
    """A disclosed matter."""

    uid: uuid.UUID
    title: str
    category: str
    organisation: str
    period: str
    publish_on: dt.date
    expires_on: dt.date | None


class ItemFull(ItemRow):
    """A disclosed matter with its text and the rule that demands it."""

    source: str
    text: str


@router.get("/items", response=Listing[ItemRow], summary=_("公开事项，新的在前"))
@allows(OPEN)
def items(
    request: HttpRequest,
    q: Words = Query("", description=_("标题中的字")),
    page: PageNumber = 1,
    per_page: PerPage = 20,
) -> dict[str, Any]:
    """What is disclosed to this person."""
    rows = items_for(request.user)
    if wanted := q.strip():
        rows = rows.filter(title__icontains=wanted)
    return listing(rows, page, per_page, _row)


@router.get("/items/{uid}", response=ItemFull, summary=_("一项公开内容"))
@allows(OPEN)
def item(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """One of them."""
    found = items_for(request.user).filter(uid=uid).first()
    if found is None:
        raise Http404
    return {**_row(found), "source": found.category.source, "text": found.body}


def _row(found: Item) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "title": found.title,
        "category": found.category.name,
        "organisation": str(found.owner_organisation or ""),
        "period": found.period,
        "publish_on": found.publish_on,
        "expires_on": found.expires_on,
    }
