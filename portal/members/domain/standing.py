"""Where a member stands: entering the first file, another organisation, another stage. Each is sealed, told to the member and audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal.accounts.domain.sessions import end_sessions
from portal.accounts.models import SignIn
from portal.ground.clock import today
from portal.ground.ids import new_uid
from portal.members.domain.access import record_look
from portal.members.domain.fields import BY_NAME
from portal.members.domain.files import (
    SHORTEST_REASON,
    Contradiction,
    NotChangeable,
    ReasonMissing,
    chain_of,
    ensure_file,
    store_first,
)
from portal.members.models import AccessEntry, MemberFile
from portal.organisations.domain.members import enter_member, move_member
from portal.organisations.domain.refusals import WrongDate
from portal.organisations.domain.rights import forget_cached_scopes
from portal.organisations.domain.terms import relieve
from portal.organisations.models import Member, Membership, Organisation, Post
from portal.records.domain.sealing import seal

STANDING_KIND = "member.standing"
WITHOUT_POSTS = (Member.Stage.LEFT, Member.Stage.SUSPENDED)
_BY_STAGE = {Member.Stage.PROBATIONARY: "joined_on", Member.Stage.FULL: "full_on"}


class PossiblyKnown(Contradiction):
    """Somebody of this name and birth date has a file already."""


class NothingTurns(ValueError):
    """The member stands there already."""


def enter_file(
    organisation: Organisation,
    values: Mapping[str, Any],
    *,
    stage: str,
    actor: Any,
    reason: str,
    on: dt.date | None = None,
    is_another: bool = False,
) -> Member:
    """Enter somebody with `values` as `Field.read` gives them (at least a name); `is_another` says that it is not the person
    of the same name and birth date who has a file already.

    Raises ReasonMissing, NotChangeable, Contradiction, PossiblyKnown, OrganisationEnded, WrongDate for a day to come. Writes
    Member, Membership, MemberFile, an AccessEntry, an audit line, and seals the first version of the file.
    """
    day = on or today()
    reason = _reason(reason)
    if day > today():
        raise WrongDate.future(day)
    for name in values:
        if name not in BY_NAME or not BY_NAME[name].correctable:
            raise NotChangeable(name)
    if stage not in Member.Stage.values or not values.get("name"):
        raise NotChangeable("stage" if values.get("name") else "name")
    with transaction.atomic():
        born_on = values.get("born_on")
        if born_on and not is_another and _known(values["name"], born_on):
            raise PossiblyKnown(_("已有一份同名同出生日期的档案。确认不是同一个人，再勾选下面一项提交。"), "name")
        member = enter_member(values["name"], organisation, since=day, stage=stage)
        member.file = ensure_file(member)
        store_first(member, values, actor=actor, reason=reason, on=day)
    return member


def _known(name: str, born_on: dt.date) -> bool:
    return MemberFile.objects.filter(member__name=name, born_on=born_on).exists()


def transfer_member(member: Member, to: Organisation, *, on: dt.date, actor: Any, reason: str) -> Member:
    """Move a member to another organisation from a day on; posts in the old one end, and so do the sessions.

    Raises ReasonMissing, NothingTurns, OrganisationEnded, WrongDate. Writes what `move_member` writes, an AccessEntry, an audit
    line, and seals the move in the chain of the organisation that is left. Sends MemberMoved.
    """
    reason = _reason(reason)
    with transaction.atomic():
        row = _locked(member)
        if row.organisation_id == to.pk:
            raise NothingTurns
        left = row.organisation
        move_member(row, to, on=on)
        content = {"member": str(row.uid), "from": str(left.uid), "to": str(to.uid)}
        _tell(row, left, content, "organisation", actor=actor, reason=reason, on=on)
    return row


def turn_stage(member: Member, stage: str, *, on: dt.date, actor: Any, reason: str, dates_it: bool = True) -> Member:
    """Bring a member to another stage on a day. Who becomes a probationary or full member gets that day as the date of joining
    or of full membership, where none is known and `dates_it`. Who leaves, or whose membership is suspended, holds no post any
    longer and is signed out.

    Raises ReasonMissing, NothingTurns, NotChangeable, Contradiction, WrongDate. Writes Member, MemberFile, Post, an AccessEntry,
    an audit line, and seals the turn in the organisation's chain.
    """
    reason = _reason(reason)
    if stage not in Member.Stage.values:
        raise NotChangeable("stage")
    if on > today():
        raise WrongDate.future(on)
    with transaction.atomic():
        row = _locked(member)
        if row.stage == stage:
            raise NothingTurns
        open_stay = Membership.objects.filter(member=row, until__isnull=True).first()
        if open_stay is not None and on < open_stay.since:
            raise WrongDate.before(row.organisation, open_stay.since)
        before, row.stage = row.stage, stage
        row.save(update_fields=["stage"])
        row.file = ensure_file(row)
        dated = _BY_STAGE.get(Member.Stage(stage))
        if dates_it and dated and BY_NAME[dated].value_of(row) is None:
            store_first(row, {dated: on}, actor=actor, reason=reason, on=on)
        if stage in WITHOUT_POSTS:
            for post in Post.objects.filter(member=row, ended_on__isnull=True):
                relieve(post, on=max(on, post.since), by=actor)
            _sign_out([row])
        content = {"member": str(row.uid), "before": before, "after": stage}
        _tell(row, row.organisation, content, "stage", actor=actor, reason=reason, on=on)
    return row


def lay_down_posts(member_ids: Sequence[int], on: dt.date) -> int:
    """End all posts of many members who left or are suspended, and sign them out, inside the caller's transaction, which writes
    its own audit line; how many posts."""
    held = Post.objects.filter(member__in=member_ids, ended_on__isnull=True)
    ended = held.filter(since__lte=on).update(ended_on=on) + held.filter(since__gt=on).update(ended_on=F("since"))
    _sign_out(Member.objects.filter(pk__in=member_ids, user__isnull=False).select_related("user"))
    return ended


def _sign_out(members: Iterable[Member]) -> None:
    users = [member.user for member in members if member.user is not None]
    end_sessions([user.pk for user in users], SignIn.Ending.DUTIES)
    for user in users:
        forget_cached_scopes(user)


def _reason(reason: str) -> str:
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing
    return reason.strip()


def _locked(member: Member) -> Member:
    rows = Member.objects.select_for_update(of=("self",)).select_related("organisation", "user")
    return rows.get(pk=member.pk)


def _tell(
    member: Member,
    where: Organisation,
    content: Mapping[str, Any],
    field: str,
    *,
    actor: Any,
    reason: str,
    on: dt.date,
) -> None:
    seal(STANDING_KIND, new_uid(), chain_of(where), content, happened_on=on, entered_by=actor, reason=reason)
    record_look(member, actor, AccessEntry.Act.CHANGED, fields=[field], reason=reason)
