"""Corrections: a member says what is wrong, somebody else of the organisation decides, and the new version is sealed."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.members.domain.fields import BY_NAME
from portal.members.domain.files import change_file
from portal.members.models import Correction
from portal.members.rights import CORRECT
from portal.notices.domain import Holders, close_task, notify, open_task
from portal.organisations.chains import chain_of
from portal.organisations.domain.rights import judge, paths_where, within_paths
from portal.organisations.models import Member
from portal.records.domain.sealing import seal

RECORD_KIND = "member.correction"


class NotCorrectable(ValueError):
    """The field is not corrected in this way."""


class NothingToCorrect(ValueError):
    """What was typed is what the file says already."""


class NeverEmpty(ValueError):
    """The field is one that a file at this stage must have: it can be put right, not taken away."""


class AlreadyWaiting(ValueError):
    """A correction of this field waits for its decision."""


class AlreadyDecided(ValueError):
    """Somebody decided, or the member took the request back, a moment ago."""


class NotTheirs(PermissionError):
    """Deciding needs the right in the member's organisation, and nobody decides on the own file."""


class AnswerMissing(ValueError):
    """A refusal says why."""


def ask_correction(member: Member, field: str, typed: str, reason: str, *, actor: Any, uid: uuid.UUID) -> Correction:
    """The member asks that `field` be set to what was `typed`. `uid` comes from the browser: the same again is the same
    request. Raises NotCorrectable, UnreadableValue, NothingToCorrect, NeverEmpty, AlreadyWaiting. Writes Correction, an audit
    line, and a task for whoever decides in the organisation."""
    known = BY_NAME.get(field)
    if known is None or not known.correctable:
        raise NotCorrectable(field)
    there = Correction.objects.filter(uid=uid, member=member).first()
    if there is not None:
        return there
    before, after = known.value_of(member), known.read(typed)
    if (before or "") == (after or ""):
        raise NothingToCorrect
    if after in ("", None) and (field == "name" or member.stage in known.key):
        raise NeverEmpty
    try:
        with transaction.atomic():
            row = Correction.objects.create(
                uid=uid,
                member=member,
                asked_by=actor,
                field=field,
                before=_text(before),
                after=_text(after),
                reason=reason.strip()[:300],
            )
            audit(actor, "members.correction_asked", target_kind="member", target_uid=member.uid, field=field)
            title = _("%(name)s申请更正档案中的“%(field)s”") % {"name": member.name, "field": known.label}
            url = reverse("memberfiles:correction", args=[row.uid])
            deciders = Holders(CORRECT, member.organisation, except_user=member.user)
            open_task(_task_key(row), deciders, title, url, announce=True)
    except IntegrityError:
        raise AlreadyWaiting from None
    return row


def decide_correction(correction: Correction, *, approve: bool, answer: str, actor: Any) -> Correction:
    """Approve or refuse. Raises NotTheirs, AnswerMissing, AlreadyDecided, and Contradiction when the value no longer fits.

    Writes Correction, on approval the file (sealed as a new version), seals the decision, closes the task and tells the member.
    """
    answer = answer.strip()[:300]
    member = correction.member
    if member.user_id == actor.pk or not judge(actor, CORRECT, member.organisation):
        raise NotTheirs
    if not approve and not answer:
        raise AnswerMissing
    state = Correction.State.APPROVED if approve else Correction.State.REFUSED
    label = BY_NAME[correction.field].label
    with transaction.atomic():
        _end(correction, state, decided_by=actor, decided_at=now(), answer=answer)
        if approve:
            value = BY_NAME[correction.field].read(correction.after)
            reason = _("核准本人提出的更正：%(reason)s") % {"reason": correction.reason or label}
            change_file(member, {correction.field: value}, actor=actor, reason=reason)
        _seal(correction, actor)
        close_task(_task_key(correction), by=actor)
        if member.user is not None:
            said = _("您申请更正的“%(field)s”已更正") if approve else _("您申请更正的“%(field)s”未通过，请看审核意见")
            url = reverse("memberfiles:me") + "#corrections"
            notify(f"members.correction:{correction.uid}", member.user, title=said % {"field": label}, url=url)
        audit(actor, f"members.correction_{state}", target_kind="member", target_uid=member.uid, field=correction.field)
    return correction


def withdraw_correction(correction: Correction, *, actor: Any) -> Correction:
    """The member takes the request back. Raises AlreadyDecided. Closes the task."""
    with transaction.atomic():
        _end(correction, Correction.State.WITHDRAWN, decided_at=now())
        close_task(_task_key(correction), by=actor)
    return correction


def corrections_to_decide(user: Any) -> QuerySet[Correction]:
    """What waits in the subtrees where this person decides, oldest first, without the own."""
    rows = Correction.objects.filter(within_paths(paths_where(user, CORRECT), "member__organisation__path"))
    rows = rows.filter(state=Correction.State.WAITING).exclude(member__user=user)
    return rows.select_related("member__organisation", "member__file", "member__user").order_by("asked_at", "pk")


def correction_in_charge(user: Any, uid: uuid.UUID) -> Correction | None:
    """A correction by uid where this person decides; None for foreign, own and absent alike."""
    rows = Correction.objects.filter(within_paths(paths_where(user, CORRECT), "member__organisation__path"))
    rows = rows.exclude(member__user=user)
    return (
        rows.select_related("member__organisation", "member__file", "member__user", "decided_by")
        .filter(uid=uid)
        .first()
    )


def _end(correction: Correction, state: str, **fields: Any) -> None:
    """Move on from waiting, once, whoever comes second."""
    ended = Correction.objects.filter(pk=correction.pk, state=Correction.State.WAITING).update(state=state, **fields)
    if not ended:
        raise AlreadyDecided
    correction.refresh_from_db(fields=["state", *fields])


def _seal(correction: Correction, actor: Any) -> None:
    content = {
        "member": str(correction.member.uid),
        "field": correction.field,
        "state": str(correction.state),
        "before": correction.before,
        "after": correction.after,
        "answer": correction.answer,
        "asked": correction.reason,
    }
    personal = ["before", "after", "answer", "asked"]
    chain = chain_of(correction.member.organisation)
    seal(RECORD_KIND, correction.uid, chain, content, happened_on=today(), entered_by=actor, personal=personal)


def _text(value: Any) -> str:
    return "" if value in ("", None) else str(value)


def _task_key(correction: Correction) -> str:
    return f"members.correction:{correction.uid}"
