"""Propose, check, publish, expire. Who proposes never checks; what was proposed cannot be edited."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q

from plugins.bundled.disclosure.domain import telling
from plugins.bundled.disclosure.events import ItemDisclosed
from plugins.bundled.disclosure.models import SEARCH_KIND, Item
from plugins.sdk import audit, now, publish, today
from portal.public import facts

PROPOSE, CHECK = "disclosure.propose", "disclosure.check"
State = Item.State


class FlowRefused(Exception):
    """Base of the refusals; nothing was written."""


class WrongState(FlowRefused):
    """The item is not at the step that this action belongs to."""


class NotYours(FlowRefused):
    """The person lacks the right over the item's organisation."""


class SamePerson(FlowRefused):
    """Who proposed an item cannot check it."""


class ReasonNeeded(FlowRefused):
    """Returning an item needs a reason the proposer can act on."""


def propose_item(item: Item, actor: Any) -> Item:
    """Hand an item in for checking. Raises NotYours, WrongState. Writes an audit line and
    a to-do for those who check."""
    with transaction.atomic():
        row = _locked(item, PROPOSE, actor, State.DRAFT, State.RETURNED)
        row.state, row.proposed_by, row.proposed_at = State.PROPOSED, actor, now()
        row.checked_by = row.checked_at = None
        row.return_reason = ""
        row.save()
        audit(actor, "disclosure.propose", target_kind=SEARCH_KIND, target_uid=row.uid)
        telling.ask_to_check(row)
    return row


def approve_item(item: Item, actor: Any) -> Item:
    """Let an item pass the check; it is published now, or on its day. Raises NotYours, WrongState, SamePerson. Audited."""
    with transaction.atomic():
        row = _locked(item, CHECK, actor, State.PROPOSED)
        if row.proposed_by_id == actor.pk:
            raise SamePerson
        row.state, row.checked_by, row.checked_at = State.APPROVED, actor, now()
        row.save()
        audit(actor, "disclosure.approve", target_kind=SEARCH_KIND, target_uid=row.uid)
        if row.publish_on <= today():
            _publish(row)
        telling.tell_decision(row)
    return row


def return_item(item: Item, actor: Any, *, reason: str) -> Item:
    """Send an item back to who proposed it. Raises NotYours, WrongState, SamePerson, ReasonNeeded. Audited."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        row = _locked(item, CHECK, actor, State.PROPOSED)
        if row.proposed_by_id == actor.pk:
            raise SamePerson
        row.state, row.checked_by, row.checked_at = State.RETURNED, actor, now()
        row.return_reason = reason.strip()[:300]
        row.save()
        audit(actor, "disclosure.return", target_kind=SEARCH_KIND, target_uid=row.uid)
        telling.tell_decision(row)
    return row


def follow_calendar(day: dt.date) -> tuple[int, int]:
    """Publish approved items whose day has come and expire those whose last day has passed; how many of each. Safe to repeat."""
    published = expired = 0
    for item in Item.objects.filter(state=State.APPROVED, publish_on__lte=day):
        with transaction.atomic():
            row = Item.objects.select_for_update().get(pk=item.pk)
            if row.state == State.APPROVED:
                _publish(row)
                published += 1
    for item in Item.objects.filter(Q(expires_on__lt=day), state=State.PUBLISHED):
        with transaction.atomic():
            row = Item.objects.select_for_update().get(pk=item.pk)
            if row.state == State.PUBLISHED:
                row.state = State.EXPIRED
                row.save()
                audit(None, "disclosure.expire", target_kind=SEARCH_KIND, target_uid=row.uid)
                expired += 1
    return published, expired


def _publish(row: Item) -> None:
    row.state, row.published_at = State.PUBLISHED, now()
    row.save()
    publish(
        ItemDisclosed(
            item_uid=row.uid,
            title=row.title,
            category=row.category.name,
            organisation_id=row.owner_organisation_id,
            occurred_at=row.published_at,
        )
    )


def _locked(item: Item, right: str, actor: Any, *states: str) -> Item:
    row = Item.objects.select_for_update().select_related("category").get(pk=item.pk)
    where = row if row.owner_organisation_id else None
    if not facts.may(actor, right, where):
        raise NotYours
    if row.state not in states:
        raise WrongState
    return row
