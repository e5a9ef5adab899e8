"""Keeping a member's file: change it, look behind a mask, enter an award."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.accounts.domain.handles import HandleTaken, add_handle, keyed_hash
from portal.accounts.models import LoginHandle
from portal.ground.clock import now, today
from portal.ground.ids import new_uid
from portal.members.domain.access import record_look
from portal.members.domain.fields import BY_NAME, ON_FILE, Sensitivity
from portal.members.domain.identity import IdNumber, UnreadableValue, read_id_number
from portal.members.models import AccessEntry, Award, MemberFile
from portal.organisations.chains import chain_of
from portal.organisations.models import Member
from portal.records.domain.sealing import seal
from portal.shared.slugs import pinyin_key

SHORTEST_REASON = 4
RECORD_KIND = "member.file"


class ReasonMissing(ValueError):
    """Looking behind a mask, or changing a file, needs a reason of at least four characters."""


class NotChangeable(ValueError):
    """The field is not changed here: moving a member and turning stages are operations of their own."""


class Contradiction(ValueError):
    """The values contradict each other or another file; the message says in Chinese what to do. `field` names the value."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def ensure_file(member: Member) -> MemberFile:
    """The member's file, made when missing."""
    file, _made = MemberFile.objects.get_or_create(member=member, defaults={"pinyin": pinyin_key(member.name)[:200]})
    return file


def ensure_files(limit: int = 5000) -> int:
    """Give members who were entered in bulk their empty file, at most `limit`; how many. Safe to repeat."""
    bare = Member.objects.filter(file__isnull=True).order_by("pk").values_list("pk", "name")[:limit]
    rows = [MemberFile(member_id=pk, pinyin=pinyin_key(name)[:200]) for pk, name in bare]
    MemberFile.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def change_file(
    member: Member, values: Mapping[str, Any], *, actor: Any, reason: str, on: dt.date | None = None
) -> list[str]:
    """Set values of a file, as `Field.read` gives them; returns the names of those that changed.

    A correct ID number brings birth date and gender where they are empty. Raises ReasonMissing, NotChangeable,
    Contradiction. Writes Member, MemberFile, the login handles of phone and work number, an AccessEntry, an audit line, and
    seals the new version in the organisation's chain, its values encrypted and erasable.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing
    for name in values:
        if name not in BY_NAME or not BY_NAME[name].correctable:
            raise NotChangeable(name)
    with transaction.atomic():
        member = Member.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=member.pk)
        member.file = ensure_file(member)
        wanted = dict(values)
        if number := wanted.get("id_number"):
            known = read_id_number(number)
            wanted = {**_told_by(known, member, wanted), **wanted}
        changed = [name for name, value in wanted.items() if BY_NAME[name].value_of(member) != value]
        if not changed:
            return []
        old = {name: BY_NAME[name].value_of(member) for name in changed}
        for name in changed:
            setattr(member.file if BY_NAME[name].on_file else member, name, wanted[name])
        refuse_contradictions(member)
        _store(member, changed)
        _keep_handles(member, old)
        _seal_version(member, actor, reason, on or today())
        record_look(member, actor, AccessEntry.Act.CHANGED, fields=changed, reason=reason)
    return changed


def store_first(member: Member, values: Mapping[str, Any], *, actor: Any, reason: str, on: dt.date) -> None:
    """Set values that were not known before, inside the transaction of whoever enters or turns the member. Raises Contradiction.
    Writes as `change_file` does."""
    wanted = dict(values)
    if number := wanted.get("id_number"):
        try:
            wanted = {**_told_by(read_id_number(number), member, wanted), **wanted}
        except UnreadableValue as refusal:
            raise Contradiction(str(refusal), "id_number") from None
    names = [name for name, value in wanted.items() if value not in ("", None)]
    old = {name: BY_NAME[name].value_of(member) for name in names}
    for name in names:
        setattr(member.file if BY_NAME[name].on_file else member, name, wanted[name])
    refuse_contradictions(member)
    _store(member, names)
    _keep_handles(member, old)
    _seal_version(member, actor, reason, on)
    record_look(member, actor, AccessEntry.Act.CHANGED, fields=names, reason=reason)


def _told_by(known: IdNumber, member: Member, wanted: Mapping[str, Any]) -> dict[str, Any]:
    told = {"born_on": known.born_on, "gender": known.gender}
    return {name: value for name, value in told.items() if name not in wanted and not BY_NAME[name].value_of(member)}


def refuse_contradictions(member: Member) -> None:
    """Raises Contradiction where a file's ID number, birth date and gender disagree, or dates are out of order."""
    file = member.file
    if file.id_number:
        try:
            known = read_id_number(file.id_number)
        except UnreadableValue as refusal:
            raise Contradiction(str(refusal), "id_number") from None
        if file.born_on and file.born_on != known.born_on:
            raise Contradiction(_("出生日期与身份证号不一致，请核对其中哪一个录错了。"), "born_on")
        if file.gender and file.gender != known.gender:
            raise Contradiction(_("性别与身份证号不一致，请核对其中哪一个录错了。"), "gender")
    for field, message in out_of_order(lambda name: BY_NAME[name].value_of(member)):
        raise Contradiction(message, field)


_ORDER = ("born_on", "applied_on", "activist_on", "target_on", "joined_on", "full_on")


def out_of_order(value_of: Any) -> list[tuple[str, str]]:
    """The date fields that lie before a step that must have come first, each with a sentence."""
    found = []
    last: tuple[str, dt.date] | None = None
    for name in _ORDER:
        day = value_of(name)
        if day is None:
            continue
        if last is not None and day < last[1]:
            labels = {"later": BY_NAME[name].label, "earlier": BY_NAME[last[0]].label}
            found.append((name, _("%(later)s早于%(earlier)s，请核对这两个日期。") % labels))
        last = (name, day)
    return found


def _store(member: Member, changed: Sequence[str]) -> None:
    file = member.file
    file.id_lookup = BY_NAME["id_number"].hashed(file.id_number)
    file.phone_lookup = BY_NAME["phone"].hashed(file.phone)
    file.pinyin = pinyin_key(member.name)[:200]
    file.changed_at = now()
    on_member = [name for name in changed if not BY_NAME[name].on_file]
    if on_member:
        member.save(update_fields=on_member)
    try:
        with transaction.atomic():
            file.save()
    except IntegrityError:
        message = _("这个身份证号已经有一份档案；如果是同一个人，请办理组织关系转接，不要重复建档。")
        raise Contradiction(message, "id_number") from None


_HANDLES = {"phone": LoginHandle.Kind.PHONE, "work_number": LoginHandle.Kind.WORK_NUMBER}


def _keep_handles(member: Member, old: Mapping[str, Any]) -> None:
    """A member signs in by the phone and work number of the file: the old handle goes, the new one comes."""
    user = member.user
    for name in _HANDLES.keys() & old.keys():
        if user is None:
            continue
        if old[name]:
            LoginHandle.objects.filter(
                user=user, kind=_HANDLES[name], lookup=keyed_hash(_HANDLES[name], old[name])
            ).delete()
        value = getattr(member.file, name)
        if value:
            try:
                add_handle(user, _HANDLES[name], value)
            except HandleTaken:
                raise Contradiction(_("这个号码已经用于另一个账号登录，请核对。"), name) from None


def _seal_version(member: Member, actor: Any, reason: str, on: dt.date) -> None:
    content = {field.name: field.shown(field.value_of(member)) for field in ON_FILE}
    content["name"] = member.name
    seal(
        RECORD_KIND,
        member.uid,
        chain_of(member.organisation),
        content,
        happened_on=on,
        entered_by=actor,
        reason=reason,
        personal=content.keys(),
    )


def reveal(member: Member, names: Sequence[str], reason: str, *, actor: Any) -> dict[str, str]:
    """The full values of masked fields, after writing down who looked at what and why. Whether `actor` may is the caller's
    to ask (`members.reveal`, `members.unseal`). Raises ReasonMissing, NotChangeable for a name that is not masked."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing
    fields = [BY_NAME[name] for name in names if name in BY_NAME and BY_NAME[name].sensitivity is Sensitivity.MASKED]
    if not fields or len(fields) != len(names):
        raise NotChangeable(", ".join(names))
    record_look(member, actor, AccessEntry.Act.REVEALED, fields=[field.name for field in fields], reason=reason)
    return {field.name: field.shown(field.value_of(member)) for field in fields}


def reveal_punishments(member: Member, reason: str, *, actor: Any) -> list[Award]:
    """A member's punishments, after writing down who looked and why. Raises ReasonMissing."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing
    record_look(member, actor, AccessEntry.Act.REVEALED, fields=["punishment"], reason=reason)
    return list(Award.objects.filter(member=member, kind=Award.Kind.PUNISHMENT))


def enter_award(
    member: Member, *, kind: str, title: str, issuer: str, happened_on: dt.date, actor: Any, uid: Any = None
) -> Award:
    """Enter an award or a punishment; the same `uid` again is the same entry. Writes Award, an AccessEntry, an audit line,
    and seals it in the organisation's chain."""
    with transaction.atomic():
        fields = {"kind": kind, "title": title, "issuer": issuer, "happened_on": happened_on, "member": member}
        award, made = Award.objects.get_or_create(uid=uid or new_uid(), defaults=fields)
        if not made:
            return award
        content = {"kind": kind, "title": title, "issuer": issuer, "member": str(member.uid)}
        seal(
            "member.award",
            award.uid,
            chain_of(member.organisation),
            content,
            happened_on=happened_on,
            entered_by=actor,
            personal=["title", "issuer"],
        )
        record_look(member, actor, AccessEntry.Act.CHANGED, fields=[kind])
    return award
