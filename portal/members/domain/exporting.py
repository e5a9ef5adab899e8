"""Exports: the columns of the import, so that what goes out can come in again unchanged."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.ground.jobs import enqueue
from portal.members.domain.access import record_looks
from portal.members.domain.fields import FIELDS, Field
from portal.members.domain.files import SHORTEST_REASON, ReasonMissing
from portal.members.domain.identity import check_character
from portal.members.domain.queries import Wanted, find_members
from portal.members.domain.storing import remove, store
from portal.members.models import AccessEntry, PreparedFile
from portal.members.rights import EXPORT, REVEAL
from portal.notices.domain import Holders, close_task, notify, open_task
from portal.organisations.domain.rights import judge, paths_where, users_with, within_paths
from portal.organisations.models import Member, Organisation, paths_up
from portal.shared.sheets import write_csv, write_xlsx

JOB = "members.export"
FORMATS = ("xlsx", "csv")
_CHUNK = 2000
OPEN_FOR = dt.timedelta(days=3)


class MayNotReveal(PermissionError):
    """Full numbers need the right to reveal, everywhere that is exported."""


class NobodyApproves(ValueError):
    """An export of this size needs a second person, and nobody else may export all of these."""


class NotTheirs(PermissionError):
    """Approving needs the right to export everybody in it, and nobody approves the own export."""


class AlreadyDecided(ValueError):
    """Somebody decided a moment ago, or the request is over."""


class AnswerMissing(ValueError):
    """A refusal says why."""


def ask_export(user: Any, wanted: Wanted, *, reason: str, in_full: bool, file_format: str = "xlsx") -> PreparedFile:
    """Have the members of a list written to a file. `in_full` writes masked fields in full. More than `EXPORT_APPROVAL_ABOVE`
    wait for a second person. Raises ReasonMissing, MayNotReveal, NobodyApproves. Queues a job, or opens a task; writes
    PreparedFile and an audit line."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing
    if in_full and not judge(user, REVEAL):
        raise MayNotReveal
    found, _by = find_members(user, EXPORT, wanted)
    found = found.order_by().prefetch_related(None)
    count = found.count()
    asked = {
        "words": wanted.words,
        "stage": wanted.stage,
        "unit": wanted.unit,
        "missing": wanted.missing,
        "in_full": in_full,
        "reason": reason[:200],
        "format": file_format if file_format in FORMATS else "xlsx",
        "count": count,
    }
    needs_approval = count > settings.EXPORT_APPROVAL_ABOVE
    scope = _common_organisation(found) if needs_approval else None
    if needs_approval and (scope is None or not _approvers(user, scope).exists()):
        raise NobodyApproves
    with transaction.atomic():
        state = PreparedFile.State.ASKED if needs_approval else PreparedFile.State.WAITING
        row = PreparedFile.objects.create(
            user=user, kind=PreparedFile.Kind.EXPORT, asked=asked, state=state, scope=scope
        )
        audit(
            user,
            "members.export_asked",
            target_kind="members.export",
            target_uid=row.uid,
            reason=reason,
            in_full=in_full,
            count=count,
            waits=needs_approval,
        )
        if scope is None:
            enqueue(JOB, {"uid": str(row.uid)}, key=str(row.uid))
        else:
            title = _("%(name)s申请导出 %(n)s 名党员，请批准") % {"name": user, "n": count}
            url = reverse("memberfiles:approve", args=[row.uid])
            due_on = (row.made_at + OPEN_FOR).date()
            approvers = Holders(EXPORT, scope, except_user=user)
            open_task(_task_key(row), approvers, title, url, due_on=due_on, announce=True)
    return row


def _common_organisation(found: Any) -> Organisation | None:
    """The lowest organisation that holds everybody found; None when there is none."""
    paths = list(found.values_list("organisation__path", flat=True).distinct())
    if not paths:
        return None
    above = set(paths_up(paths[0])).intersection(*(paths_up(path) for path in (min(paths), max(paths))))
    return Organisation.objects.filter(path=max(above, key=len)).first() if above else None


def _approvers(user: Any, scope: Organisation) -> Any:
    return get_user_model().objects.filter(users_with(EXPORT, scope), is_active=True).exclude(pk=user.pk)


def exports_to_approve(user: Any) -> QuerySet[PreparedFile]:
    """Exports of others that wait and that this person may approve, oldest first."""
    rows = PreparedFile.objects.filter(within_paths(paths_where(user, EXPORT), "scope__path"))
    rows = rows.filter(kind=PreparedFile.Kind.EXPORT, scope__isnull=False).exclude(user=user)
    waiting = rows.filter(state=PreparedFile.State.ASKED, made_at__gt=now() - OPEN_FOR)
    return waiting.select_related("user", "scope").order_by("made_at", "pk")


def export_to_decide(user: Any, uid: uuid.UUID) -> PreparedFile | None:
    """An export by uid, decided or not, where this person may decide; None for foreign, own and absent alike."""
    rows = PreparedFile.objects.filter(within_paths(paths_where(user, EXPORT), "scope__path"), scope__isnull=False)
    return rows.exclude(user=user).select_related("user", "scope", "decided_by").filter(uid=uid).first()


def decide_export(row: PreparedFile, *, approve: bool, answer: str, actor: Any) -> PreparedFile:
    """Approve or refuse an export of somebody else. Raises NotTheirs, AnswerMissing, AlreadyDecided.

    Writes PreparedFile and an audit line, closes the task, tells who asked; on approval queues the job.
    """
    answer = answer.strip()[:300]
    is_theirs = row.user_id != actor.pk and row.scope is not None and judge(actor, EXPORT, row.scope)
    if not is_theirs or (approve and row.asked["in_full"] and not judge(actor, REVEAL, row.scope)):
        raise NotTheirs
    if not approve and not answer:
        raise AnswerMissing
    state = PreparedFile.State.WAITING if approve else PreparedFile.State.REFUSED
    with transaction.atomic():
        open_rows = PreparedFile.objects.filter(pk=row.pk, state=PreparedFile.State.ASKED, made_at__gt=now() - OPEN_FOR)
        if not open_rows.update(state=state, decided_by=actor, decided_at=now(), answer=answer):
            raise AlreadyDecided
        row.refresh_from_db()
        action = "members.export_approved" if approve else "members.export_refused"
        audit(actor, action, target_kind="members.export", target_uid=row.uid, count=row.asked["count"])
        close_task(_task_key(row), by=actor)
        said = _("您申请的党员导出已获批准") if approve else _("您申请的党员导出未获批准")
        url = reverse("memberfiles:prepared", args=[row.uid])
        notify(f"members.export:{row.uid}", row.user, title=said, url=url)
        if approve:
            enqueue(JOB, {"uid": str(row.uid)}, key=str(row.uid))
    return row


def end_old_requests() -> int:
    """Requests that nobody decided in three days are over; how many. Writes an audit line each and closes the tasks."""
    ended = 0
    for row in PreparedFile.objects.filter(state=PreparedFile.State.ASKED, made_at__lte=now() - OPEN_FOR)[:500]:
        with transaction.atomic():
            over = PreparedFile.objects.filter(pk=row.pk, state=PreparedFile.State.ASKED)
            if over.update(state=PreparedFile.State.GONE):
                audit(None, "members.export_expired", target_kind="members.export", target_uid=row.uid)
                close_task(_task_key(row))
                ended += 1
    return ended


def _task_key(row: PreparedFile) -> str:
    return f"members.export:{row.uid}"


def prepare_export(uid: str, progress: Callable[[int, str], None]) -> PreparedFile | None:
    """Write the file (the job's work). What the person may see is asked anew. Each member exported sees that and why.

    Safe to repeat: the looks are written in the transaction that makes the file ready.
    """
    row = PreparedFile.objects.select_related("user", "scope").filter(uid=uid, state=PreparedFile.State.WAITING).first()
    if row is None:
        return None
    asked = dict(row.asked)
    wanted = Wanted(asked["words"], asked["stage"], asked["unit"], asked["missing"])
    in_full = bool(asked["in_full"]) and judge(row.user, REVEAL)
    found, _by = find_members(row.user, EXPORT, wanted)
    if row.scope is not None:  # no more than was approved, whatever the person may see meanwhile
        found = found.filter(within_paths([row.scope.path], "organisation__path"))
    ids: list[int] = []
    target = io.BytesIO()
    rows = _rows(found, ids, in_full, lambda n: progress(min(95, n // 1000), str(n)))
    if asked["format"] == "csv":
        write_csv(rows, target)
    else:
        write_xlsx(_("党员名单"), rows, target, columns=len(FIELDS) + 2)
    content = target.getvalue()
    path = store(content)
    fields = [field.name for field in FIELDS if in_full or not field.is_hidden]
    with transaction.atomic():
        done = PreparedFile.objects.filter(pk=row.pk, state=PreparedFile.State.WAITING).update(
            state=PreparedFile.State.READY,
            path=path,
            size_bytes=len(content),
            name=_("党员名单-%(day)s") % {"day": today().isoformat()} + f".{asked['format']}",
            note=_("共 %(n)s 名") % {"n": len(ids)},
            ready_at=now(),
            progress=100,
        )
        if done:
            act = AccessEntry.Act.EXPORTED
            record_looks(ids, row.user, act, fields=fields, reason=asked["reason"], batch=row.uid)
            audit(row.user, "members.exported", target_kind="members.export", target_uid=row.uid, count=len(ids))
    if not done:
        remove(path)
    row.refresh_from_db()
    return row


def _rows(found: Any, ids: list[int], in_full: bool, progress: Callable[[int], None]) -> Iterator[list[str]]:
    yield heading()
    found = found.prefetch_related(None)
    for member in found.iterator(chunk_size=_CHUNK):
        ids.append(member.pk)
        if len(ids) % _CHUNK == 0:
            progress(len(ids))
        yield [str(member.uid), *(_cell(field, member, in_full) for field in FIELDS), member.organisation.name]


def _cell(field: Field, member: Member, in_full: bool) -> str:
    if field.name == "organisation":
        return str(member.organisation.code)
    value = field.value_of(member)
    return field.shown(value) if in_full else field.covered(value)


def heading() -> list[str]:
    """The first row of exports and of the template."""
    return [_("档案编号"), *(str(field.label) for field in FIELDS), _("所在组织名称")]


def template() -> bytes:
    """The empty table to fill in, with one example that cannot be a real person (the region 999999 is given to nobody)."""
    digits = "99999919900615001"
    example = {
        "name": _("示例（请删去本行）"),
        "gender": "male",
        "born_on": "1990-06-15",
        "nation": _("汉族"),
        "id_number": digits + check_character(digits),
        "phone": "010-12345678",
        "stage": "full",
        "joined_on": "2015-07-01",
        "full_on": "2016-07-01",
        "education": "bachelor",
    }
    cells = [
        field.shown(example.get(field.name, "")) if field.choices else str(example.get(field.name, ""))
        for field in FIELDS
    ]
    target = io.BytesIO()
    rows = [heading()[1:-1], cells]
    write_xlsx(_("党员名单"), rows, target, columns=len(FIELDS))
    return target.getvalue()
