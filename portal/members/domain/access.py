"""Who looked: every look at another's file, and every change to it, leaves a line that the member sees."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.members.models import AccessEntry
from portal.organisations.domain.people import member_of
from portal.organisations.models import Member

SAME_LOOK = dt.timedelta(minutes=10)  # opening a file again within this time is the same look


def name_of(user: Any) -> str:
    """Who a person is, in words that still mean something when the login is gone: the name and the organisation."""
    home = member_of(user)
    name = getattr(user, "display_name", "") or getattr(user, "username", "") or "—"
    return f"{name}（{home.organisation}）"[:120] if home is not None else name[:120]


def record_look(
    member: Member, user: Any, act: str, *, fields: Sequence[str] = (), reason: str = "", batch: uuid.UUID | None = None
) -> AccessEntry | None:
    """Write down that `user` did `act` with a member's file; nothing for the member's own. Opening again within ten minutes
    is the same look. Writes AccessEntry and a line of the audit trail."""
    if member.user_id is not None and member.user_id == user.pk:
        return None
    if act == AccessEntry.Act.OPENED:
        recent = AccessEntry.objects.filter(member=member, user=user, act=act, at__gt=now() - SAME_LOOK)
        if recent.exists():
            return None
    with transaction.atomic():
        entry = AccessEntry.objects.create(
            member=member,
            user=user,
            name=name_of(user),
            act=act,
            fields=list(fields),
            reason=reason[:200],
            batch=batch,
        )
        audit(user, f"members.{act}", target_kind="member", target_uid=member.uid, fields=list(fields), reason=reason)
    return entry


def record_looks(
    member_ids: Iterable[int], user: Any, act: str, *, fields: Sequence[str], reason: str, batch: uuid.UUID
) -> int:
    """The same for many members at once, as part of an import or export that writes its own audit line; how many.

    Writes AccessEntry, also for the person's own file: a batch leaves nobody out.
    """
    name = name_of(user)
    moment = now()
    made = 0
    chunk: list[AccessEntry] = []
    for member_id in member_ids:
        chunk.append(
            AccessEntry(
                member_id=member_id,
                user=user,
                name=name,
                act=act,
                fields=list(fields),
                reason=reason[:200],
                batch=batch,
                at=moment,
            )
        )
        if len(chunk) == 1000:
            made += len(AccessEntry.objects.bulk_create(chunk))
            chunk = []
    return made + len(AccessEntry.objects.bulk_create(chunk))


def looks_at(member: Member) -> QuerySet[AccessEntry]:
    """Everybody else's looks at a member's file, newest first."""
    return AccessEntry.objects.filter(member=member).order_by("-at", "-pk")
