"""Members: enter, move. Each belongs to one organisation at a time, with history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from portal.ground.clock import today
from portal.organisations.domain.rights import forget_cached_scopes
from portal.organisations.models import Member, Membership, Organisation


class OrganisationEnded(ValueError):
    """The organisation was dissolved: nobody can be entered there."""


def enter_member(name: str, organisation: Organisation, *, since: dt.date | None = None, **fields: Any) -> Member:
    """Enter a member's file in an organisation. Raises OrganisationEnded. Writes the file and its first Membership."""
    if organisation.ended_on is not None:
        raise OrganisationEnded(organisation.name)
    with transaction.atomic():
        member = Member.objects.create(name=name, organisation=organisation, **fields)
        Membership.objects.create(member=member, organisation=organisation, since=since or today())
    return member


def enter_members(members: Iterable[Member], *, since: dt.date | None = None) -> int:
    """Enter many unsaved member files at once, each with its first Membership; returns how many."""
    with transaction.atomic():
        made = Member.objects.bulk_create(list(members), batch_size=500)
        day = since or today()
        Membership.objects.bulk_create(
            [Membership(member=m, organisation_id=m.organisation_id, since=day) for m in made], batch_size=500
        )
    return len(made)


def move_member(member: Member, to: Organisation, *, on: dt.date | None = None) -> Member:
    """Move a member to another organisation from a date on. Raises OrganisationEnded. Safe to call again."""
    if to.ended_on is not None:
        raise OrganisationEnded(to.name)
    if member.organisation_id == to.pk:
        return member
    day = on or today()
    with transaction.atomic():
        Membership.objects.filter(member=member, until__isnull=True).update(until=day)
        Membership.objects.create(member=member, organisation=to, since=day)
        member.organisation = to
        member.save(update_fields=["organisation"])
    if member.user is not None:
        forget_cached_scopes(member.user)
    return member
