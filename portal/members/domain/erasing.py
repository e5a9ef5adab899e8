"""Erasing a person who has left: every holder removes what may go and says what stays and why (个人信息保护法, article 47).

Each holder works in a transaction of its own. One that fails is tried again by a job until it has done its part; until then the
erasure is shown as not done.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.health import Reading
from portal.ground.jobs import enqueue
from portal.ground.personal import Erased, Holder, Person, holders
from portal.members.domain.files import SHORTEST_REASON, ReasonMissing
from portal.members.domain.timeline import person_of
from portal.members.models import Erasure
from portal.organisations.models import Member

log = logging.getLogger(__name__)

JOB = "members.erase"
MAX_ATTEMPTS = 8
FIRST_RETRY = dt.timedelta(minutes=1)
IDENTITY = ("organisations", "accounts")  # name and login go last: the others find the person by them
PLUGIN = "plugins."


class NotLeft(ValueError):
    """Somebody who belongs to an organisation is not erased: the register would be wrong."""


class NotErasedYet(Exception):
    """Parts of an erasure failed; the message names them with their errors."""


def erase_person(member: Member, *, actor: Any, reason: str) -> Erasure:
    """Erase what is held about a member who has left. Raises NotLeft, ReasonMissing.

    What could not be erased stands in `failed` of the result, and a job goes on with it; `done_at` is set once nothing is left to
    do. Writes Erasure and audit lines; queues a job.
    """
    if member.stage != Member.Stage.LEFT:
        raise NotLeft(str(member.uid))
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing
    person = person_of(member)
    with transaction.atomic():
        erasure = Erasure.objects.create(
            member_uid=person.member_uid,
            user_uid=person.user_uid,
            user_id=person.user_id,
            asked_by=actor if getattr(actor, "pk", None) else None,
        )
        audit(actor, "members.erasure_asked", target_kind="member", target_uid=member.uid)
        enqueue(JOB, {"uid": str(erasure.uid)}, key=str(erasure.uid), due_at=now() + FIRST_RETRY)
    return go_on(erasure)


def go_on(erasure: Erasure) -> Erasure:
    """Have every holder erase that has not done so. Safe to repeat. Writes Erasure and an audit line."""
    person = Person(erasure.member_uid, erasure.user_uid, erasure.user_id)
    known = holders()
    _forget_failures_but(erasure, {holder.name for holder in known})
    for holder in sorted(known, key=lambda holder: (holder.name in IDENTITY, holder.name)):
        erasure.refresh_from_db()
        core_failed = any(not name.startswith(PLUGIN) for name in erasure.failed)
        if holder.name in IDENTITY and core_failed:
            continue  # the name waits for the apps that find the person by it; plugins find theirs by uid
        _erase_part(erasure, holder, person)
    with transaction.atomic():
        erasure = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
        if erasure.done_at is not None:
            return erasure
        rows = {name: part["rows"] for name, part in erasure.done.items()}
        if erasure.failed:
            missing = sorted(erasure.failed)
            audit(None, "members.erasure_failed", target_kind="member", target_uid=erasure.member_uid, parts=missing)
        else:
            erasure.done_at = now()
            erasure.save(update_fields=["done_at"])
            audit(erasure.asked_by, "members.erased", target_kind="member", target_uid=erasure.member_uid, rows=rows)
    return erasure


def _forget_failures_but(erasure: Erasure, names: set[str]) -> None:
    """A plugin that was removed with its data holds nothing any more."""
    with transaction.atomic():
        row = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
        row.failed = {name: part for name, part in row.failed.items() if name in names}
        row.save(update_fields=["failed"])


def _erase_part(erasure: Erasure, holder: Holder, person: Person) -> None:
    """One holder's part and the note that it is done, in one transaction."""
    try:
        with transaction.atomic():
            row = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
            if holder.name in row.done:
                return
            erased = holder.erase(person)
            if not isinstance(erased, Erased):
                raise TypeError(f"{type(erased).__name__} instead of Erased")
            row.done[holder.name] = {"label": holder.label, "rows": int(erased.rows), "kept": str(erased.kept)}
            row.failed.pop(holder.name, None)
            row.save(update_fields=["done", "failed"])
    except Exception as error:
        log.exception("%s could not erase its part of a person", holder.name)
        with transaction.atomic():
            row = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
            row.failed[holder.name] = {"label": holder.label, "error": f"{type(error).__name__}: {error}"[:500]}
            row.save(update_fields=["failed"])
        if holder.failed is not None:
            holder.failed("erase", error)


def retry_erasure(uid: str) -> None:
    """Go on with an erasure (the job's work). Raises NotErasedYet, so that the job is tried again with growing pauses and then
    parked where staff see it."""
    erasure = Erasure.objects.filter(uid=uid, done_at__isnull=True).first()
    if erasure is None:
        return
    erasure = go_on(erasure)
    if erasure.failed:
        raise NotErasedYet("；".join(f"{part['label']}：{part['error']}" for part in erasure.failed.values()))


def erasures_reading() -> Reading:
    """Whether somebody's data still waits to be erased. One query."""
    waiting = list(Erasure.objects.filter(done_at__isnull=True).order_by("asked_at")[:50])
    labels = sorted({part["label"] for erasure in waiting for part in erasure.failed.values()})
    if not labels:
        return Reading("good", _("没有"))
    hint = _("这些部分没有删成：%(parts)s。后台会再试；在下面“搁置的任务”里可以看到原因并重试。") % {
        "parts": "、".join(labels)
    }
    return Reading("bad", _("%(count)s 人未删完") % {"count": len(waiting)}, hint)
