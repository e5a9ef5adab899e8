"""Exports: the columns of the import, so that what goes out can come in again unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
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
from portal.organisations.domain.rights import judge
from portal.organisations.models import Member
from portal.shared.sheets import write_csv, write_xlsx

JOB = "members.export"
FORMATS = ("xlsx", "csv")
_CHUNK = 2000


class MayNotReveal(PermissionError):
    """Full numbers need the right to reveal, everywhere that is exported."""


def ask_export(user: Any, wanted: Wanted, *, reason: str, in_full: bool, file_format: str = "xlsx") -> PreparedFile:
    """Have the members of a list written to a file. `in_full` writes masked fields in full. Raises ReasonMissing,
    MayNotReveal. Queues a job; writes PreparedFile and an audit line."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing
    if in_full and not judge(user, REVEAL):
        raise MayNotReveal
    asked = {
        "words": wanted.words,
        "stage": wanted.stage,
        "unit": wanted.unit,
        "missing": wanted.missing,
        "in_full": in_full,
        "reason": reason[:200],
        "format": file_format if file_format in FORMATS else "xlsx",
    }
    with transaction.atomic():
        row = PreparedFile.objects.create(user=user, kind=PreparedFile.Kind.EXPORT, asked=asked)
        audit(
            user,
            "members.export_asked",
            target_kind="members.export",
            target_uid=row.uid,
            reason=reason,
            in_full=in_full,
        )
        enqueue(JOB, {"uid": str(row.uid)}, key=str(row.uid))
    return row


def prepare_export(uid: str, progress: Callable[[int, str], None]) -> PreparedFile | None:
    """Write the file (the job's work). What the person may see is asked anew. Each member exported sees that and why.

    Safe to repeat: the looks are written in the transaction that makes the file ready.
    """
    row = PreparedFile.objects.select_related("user").filter(uid=uid, state=PreparedFile.State.WAITING).first()
    if row is None:
        return None
    asked = dict(row.asked)
    wanted = Wanted(asked["words"], asked["stage"], asked["unit"], asked["missing"])
    in_full = bool(asked["in_full"]) and judge(row.user, REVEAL)
    found, _by = find_members(row.user, EXPORT, wanted)
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
