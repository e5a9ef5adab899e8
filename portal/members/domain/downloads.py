"""Everything the system holds about a person, as one file to take away: JSON for machines, a page for people."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import zipfile
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.ground.jobs import enqueue
from portal.ground.personal import Holder, Person, Table, checked_table, holders
from portal.members.domain.storing import remove, store
from portal.members.models import PreparedFile
from portal.organisations.models import Member

log = logging.getLogger(__name__)

JOB = "members.personal_data"


@dataclasses.dataclass(frozen=True)
class Held:
    """What one holder has about a person. `is_missing` when it could not tell."""

    name: str
    label: str
    tables: list[Table]
    is_missing: bool = False


def ask_personal_data(user: Any) -> PreparedFile:
    """Have everything that is held about this person put together. While one is being made, that one is meant.

    Queues a job; writes PreparedFile and an audit line.
    """
    kind = PreparedFile.Kind.PERSONAL
    with transaction.atomic():
        waiting = PreparedFile.objects.filter(user=user, kind=kind, state=PreparedFile.State.WAITING).first()
        if waiting is not None:
            return waiting
        row = PreparedFile.objects.create(user=user, kind=kind)
        audit(user, "members.own_data_asked", target_kind="user", target_uid=user.uid)
        enqueue(JOB, {"uid": str(row.uid)}, key=str(row.uid), priority=5)
    return row


def prepare_personal_data(uid: str) -> PreparedFile | None:
    """Make the file (the job's work). Safe to repeat: a second run replaces what the first one left."""
    row = PreparedFile.objects.select_related("user").filter(uid=uid, state=PreparedFile.State.WAITING).first()
    if row is None:
        return None
    held = held_about(person_of_user(row.user))
    content = packed(held)
    missing = "、".join(part.label for part in held if part.is_missing)
    path = store(content)
    done = PreparedFile.objects.filter(pk=row.pk, state=PreparedFile.State.WAITING).update(
        state=PreparedFile.State.READY,
        path=path,
        size_bytes=len(content),
        name=_("我的数据-%(day)s.zip") % {"day": today().isoformat()},
        note=(_("其中没有：%(parts)s（暂时读不出来，已通知管理员）。") % {"parts": missing} if missing else "")[:300],
        ready_at=now(),
        progress=100,
    )
    if not done:
        remove(path)
    row.refresh_from_db()
    return row


def person_of_user(user: Any) -> Person:
    """A login and its member file, also one that has left, as other apps know the person."""
    member = Member.objects.filter(user_id=user.pk).first()
    return Person(member.uid if member else None, user.uid, user.pk)


def held_about(person: Person) -> list[Held]:
    """What every holder has about a person. One that fails is missing, and is written into the log; the others are there."""
    return [_held_by(holder, person) for holder in holders()]


def _held_by(holder: Holder, person: Person) -> Held:
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            tables = [checked_table(holder.name, table) for table in holder.export(person)]
            return Held(holder.name, holder.label, tables)
    except Exception as error:
        log.exception("what %s holds about a person cannot be read", holder.name)
        if holder.failed is not None:
            holder.failed("export", error)
        return Held(holder.name, holder.label, [], is_missing=True)


def package_of(person: Person) -> bytes:
    """The ZIP about a person."""
    return packed(held_about(person))


def packed(held: list[Held]) -> bytes:
    """The ZIP: `data.json` with everything, `data.html` to read without any program but a browser, loading nothing. What is
    missing is named in both."""
    made_at = now()
    data = {
        "format": "linghang-personal-data",
        "version": 1,
        "made_at": made_at.isoformat(),
        "missing": {part.name: part.label for part in held if part.is_missing},
        "held_by": {
            part.name: {
                "label": part.label,
                "tables": {
                    table.name: {"title": table.title, "columns": dict(table.columns), "rows": list(table.rows)}
                    for table in part.tables
                },
            }
            for part in held
            if not part.is_missing
        },
    }
    parts = [(part.label, [_for_page(t) for t in part.tables], part.is_missing) for part in held]
    context = {"held": parts, "made_at": made_at}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1))
        archive.writestr("data.html", render_to_string("members/personal_data.html", context))
    return target.getvalue()


def _for_page(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "heads": list(table.columns.values()),
        "rows": [[_cell(row.get(key)) for key in table.columns] for row in table.rows],
    }


def _cell(value: Any) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(value, list | tuple):
        return "；".join(str(part) for part in value)
    return str(value)
