"""Appending to the audit trail, and checking it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence

from django.db import connection, transaction

from portal.ground.models import OutboxEntry
from portal.records.models import AuditLine

FIRST_HASH = "0" * 64
_POSTGRES_LOCK = 7_301_001


def line_hash(previous: str, content: dict[str, object]) -> str:
    """SHA-256 (hex) over the previous hash and the line's content as canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _content(line: AuditLine) -> dict[str, object]:
    return {
        "entry": str(line.entry_uid),
        "actor": line.actor,
        "action": line.action,
        "target_kind": line.target_kind,
        "target_uid": line.target_uid,
        "detail": line.detail,
        "at": line.happened_at.astimezone(dt.UTC).isoformat(),
    }


def append_lines(entries: Sequence[OutboxEntry]) -> None:
    """Write the audit lines of outbox entries at the end of the chain. Safe to repeat."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POSTGRES_LOCK])
        last = AuditLine.objects.order_by("-pk").first()
        previous = last.line_hash if last else FIRST_HASH
        for entry in entries:
            if AuditLine.objects.filter(entry_uid=entry.uid).exists():
                continue
            data = entry.payload
            line = AuditLine(
                entry_uid=entry.uid,
                actor=data["actor"],
                action=data["action"][:100],
                target_kind=data["target_kind"][:60],
                target_uid=data["target_uid"][:60],
                detail=data["detail"],
                happened_at=dt.datetime.fromisoformat(data["at"]),
                previous_hash=previous,
            )
            previous = line.line_hash = line_hash(previous, _content(line))
            line.save(force_insert=True)


def first_broken_line() -> int | None:
    """The primary key of the first line that does not fit the chain, or None when all fit."""
    previous = FIRST_HASH
    for line in AuditLine.objects.order_by("pk").iterator():
        if line.previous_hash != previous or line.line_hash != line_hash(previous, _content(line)):
            return int(line.pk)
        previous = line.line_hash
    return None
