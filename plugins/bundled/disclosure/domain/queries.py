"""Reads."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet

from plugins.bundled.disclosure.domain.flow import CHECK, PROPOSE
from plugins.bundled.disclosure.models import Category, Item, SheetPage
from plugins.sdk import CardContext, SlotContext, today
from portal.public import facts

State = Item.State
SHEET_LENGTH = 500


@dataclasses.dataclass(frozen=True)
class Day:
    """A day of the calendar and what was disclosed on it."""

    date: dt.date
    items: tuple[Item, ...]


@dataclasses.dataclass(frozen=True)
class Month:
    """A month of the calendar with the first days of its neighbours."""

    first: dt.date
    days: tuple[Day, ...]
    previous: dt.date
    following: dt.date


def is_public(day: dt.date) -> Q:
    """What is disclosed on a day: published (or about to be by the worker), begun and not over."""
    return (
        Q(state__in=[State.PUBLISHED, State.APPROVED])
        & Q(publish_on__lte=day)
        & (Q(expires_on__isnull=True) | Q(expires_on__gte=day))
    )


def items_for(user: Any, *, category: str = "", organisation_id: int | None = None) -> QuerySet[Item]:
    """The disclosed items this person may see, newest first."""
    items = Item.objects.filter(facts.visible_filter(user), is_public(today())).select_related(
        "category", "owner_organisation"
    )
    if category:
        items = items.filter(category__uid=category)
    if organisation_id is not None:
        items = items.filter(owner_organisation_id=organisation_id)
    return items.order_by("-publish_on", "-pk")


def items_of_sheet(sheet: SheetPage, user: Any) -> list[Item]:
    """The items of a sheet's unit (of all units, for one of none) that this person may see and that began within its period."""
    items = items_for(user, organisation_id=sheet.owner_organisation_id)
    if sheet.category_id is not None:
        items = items.filter(category_id=sheet.category_id)
    within = items.filter(publish_on__range=(sheet.period_from, sheet.period_to))
    return list(within.order_by("category__order", "category_id", "publish_on", "pk")[:SHEET_LENGTH])


def categories_for(user: Any) -> QuerySet[Category]:
    """The categories that hold something for this person, with `count`."""
    ids = items_for(user).order_by().values("pk")
    return Category.objects.annotate(count=Count("items", filter=Q(items__in=ids))).filter(count__gt=0)


def month_for(user: Any, first: dt.date) -> Month:
    """The disclosed items of a month by day."""
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    by_day: dict[dt.date, list[Item]] = {}
    for item in items_for(user).filter(publish_on__range=(first, last)).order_by("publish_on", "pk"):
        by_day.setdefault(item.publish_on, []).append(item)
    return Month(
        first=first,
        days=tuple(Day(date, tuple(items)) for date, items in by_day.items()),
        previous=(first - dt.timedelta(days=1)).replace(day=1),
        following=last + dt.timedelta(days=1),
    )


def to_propose(user: Any) -> QuerySet[Item]:
    """Drafts and returned items of the organisations in which this person proposes."""
    return _desk(user, PROPOSE, State.DRAFT, State.RETURNED)


def to_check(user: Any) -> QuerySet[Item]:
    """Proposed items that this person checks; own ones are somebody else's to check."""
    return _desk(user, CHECK, State.PROPOSED).exclude(proposed_by_id=user.pk)


def on_the_way(user: Any) -> QuerySet[Item]:
    """Own proposals that wait for the check or for their day."""
    return _desk(user, PROPOSE, State.PROPOSED, State.APPROVED).filter(proposed_by_id=user.pk)


def _desk(user: Any, right: str, *states: str) -> QuerySet[Item]:
    if not facts.may(user, right):
        return Item.objects.none()
    return (
        Item.objects.filter(facts.in_charge_filter(user, right) | Q(owner_organisation__isnull=True), state__in=states)
        .select_related("category", "owner_organisation", "proposed_by", "checked_by")
        .order_by("publish_on", "pk")
    )


def desk_card_for(context: CardContext) -> dict[str, Any] | None:
    """The workbench card: what waits for this person; no card for somebody without a part in it."""
    user = context.user
    if not (facts.may(user, PROPOSE) or facts.may(user, CHECK)):
        return None
    return {"to_check": to_check(user).count(), "to_propose": to_propose(user).count()}


def latest_slot_for(context: SlotContext) -> dict[str, Any] | None:
    """The newest disclosed items."""
    items = _in_short(items_for(context.user))
    return {"items": items} if items else None


def branch_slot_for(context: SlotContext) -> dict[str, Any] | None:
    """On the page of an organisation: what it disclosed last."""
    organisation_id = getattr(context.subject, "owner_organisation_id", None)
    if organisation_id is None:
        return None
    items = _in_short(items_for(context.user, organisation_id=organisation_id))
    return {"items": items, "organisation_id": organisation_id} if items else None


def _in_short(items: QuerySet[Item]) -> list[dict[str, Any]]:
    """What a slot's list says of the first five: not their texts, categories and organisations."""
    return list(items.select_related(None).values("uid", "title", "publish_on")[:5])
