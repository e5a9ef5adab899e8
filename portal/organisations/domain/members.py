"""Members: enter, move. Each belongs to one organisation at a time, with history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from plugins.sdk import publish
from portal.accounts.domain.sessions import end_sessions
from portal.accounts.models import SignIn
from portal.events.organisations import MemberMoved
from portal.ground.clock import today
from portal.organisations.domain.history import check_memberships
from portal.organisations.domain.locking import locked
from portal.organisations.domain.refusals import OrganisationEnded, WrongDate
from portal.organisations.domain.rights import forget_cached_scopes
from portal.organisations.models import Member, Membership, Organisation, Post

__all__ = ["OrganisationEnded", "WrongDate", "enter_member", "enter_members", "move_member", "move_members"]


def enter_member(name: str, organisation: Organisation, *, since: dt.date | None = None, **fields: Any) -> Member:
    """Enter a member's file in an organisation. Raises OrganisationEnded. Writes the file and its first Membership."""
    with transaction.atomic():
        _check_open([organisation.pk])
        member = Member.objects.create(name=name, organisation=organisation, **fields)
        Membership.objects.create(member=member, organisation=organisation, since=since or today())
    return member


def enter_members(members: Iterable[Member], *, since: dt.date | None = None) -> int:
    """Enter many unsaved member files at once, each with its first Membership; returns how many. Raises OrganisationEnded."""
    rows = list(members)
    with transaction.atomic():
        _check_open({member.organisation_id for member in rows})
        made = Member.objects.bulk_create(rows, batch_size=500)
        day = since or today()
        Membership.objects.bulk_create(
            [Membership(member=m, organisation_id=m.organisation_id, since=day) for m in made], batch_size=500
        )
    return len(made)


def move_member(member: Member, to: Organisation, *, on: dt.date | None = None) -> Member:
    """Move a member to another organisation from a date on; the posts held in the old one end. Safe to call again.

    Raises OrganisationEnded, WrongDate for a day to come or before the member came where they are. Sends MemberMoved.
    """
    day = on or today()
    with transaction.atomic():
        _check_open([to.pk])
        row = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)
        if row.organisation_id != to.pk:
            if day > today():
                raise WrongDate.future(day)
            check_memberships([row.pk], day)
            move_members([row.pk], to, on=day)
    member.organisation = to
    if member.user is not None:
        forget_cached_scopes(member.user)
    return member


def move_members(member_ids: Iterable[int], to: Organisation, *, on: dt.date) -> int:
    """Move many members at once inside the caller's transaction, which has checked day and target; returns how many.

    Memberships are closed and opened, posts held in the organisations they leave end, and so do the sessions of those who have
    a login. Sends MemberMoved for each.
    """
    ids = list(member_ids)
    rows = Member.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).exclude(organisation=to)
    moved = list(rows.select_related("organisation").order_by("pk"))
    Membership.objects.filter(member__in=moved, until__isnull=True).update(until=on)
    Membership.objects.bulk_create([Membership(member=member, organisation=to, since=on) for member in moved])
    posts = Post.objects.filter(member__in=moved, organisation=F("member__organisation"), ended_on__isnull=True)
    posts.update(ended_on=on)
    for member in moved:
        publish(
            MemberMoved(
                member_uid=member.uid,
                from_organisation_uid=member.organisation.uid,
                to_organisation_uid=to.uid,
                on=on,
            )
        )
    Member.objects.filter(pk__in=[member.pk for member in moved]).update(organisation=to)
    end_sessions([member.user_id for member in moved if member.user_id], SignIn.Ending.DUTIES)
    return len(moved)


def _check_open(organisation_ids: Iterable[int]) -> None:
    for row in locked(organisation_ids).values():
        if row.ended_on is not None:
            raise OrganisationEnded(row.name)
