"""Appending to the audit trail, checking it, and pruning what is older than it has to be kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min

from portal.ground.clock import now
from portal.ground.ids import new_uid
from portal.ground.jobs import JobContext
from portal.ground.models import OutboxEntry
from portal.records.domain.sealing import AUDIT_CHAIN, FIRST_HASH, Fault, locked_head
from portal.records.models import AuditLine, ChainHead
from portal.records.triggers import deleting_allowed

PRUNED = "audit.pruned"


@dataclasses.dataclass(frozen=True)
class Pruned:
    """What was taken from the front of the trail: how many lines, the instants of the first and last, and where it ended."""

    count: int
    first_at: dt.datetime
    last_at: dt.datetime
    through_id: int
    through_hash: str


def line_hash(previous: str, content: dict[str, object]) -> str:
    """SHA-256 (hex) over the previous hash and the line's content as canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def content_of(line: AuditLine) -> dict[str, object]:
    """What of a line is covered by its hash."""
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
        head = locked_trail_head()
        uids = [entry.uid for entry in entries]
        there = set(AuditLine.objects.filter(entry_uid__in=uids).values_list("entry_uid", flat=True))
        for entry in entries:
            if entry.uid in there:
                continue
            there.add(entry.uid)
            data = entry.payload
            _append(
                head,
                AuditLine(
                    entry_uid=entry.uid,
                    actor=data["actor"],
                    action=data["action"][:100],
                    target_kind=data["target_kind"][:60],
                    target_uid=data["target_uid"][:60],
                    detail=data["detail"],
                    happened_at=dt.datetime.fromisoformat(data["at"]),
                ),
            )
        head.save(update_fields=["number", "hash"])


def locked_trail_head() -> ChainHead:
    """The end of the trail, locked until the open transaction ends. Its `number` is the key of the last line."""
    head = locked_head(AUDIT_CHAIN)
    if not head.number and (last := AuditLine.objects.order_by("-pk").first()):
        head.number, head.hash = last.pk, last.line_hash
    return head


def _append(head: ChainHead, line: AuditLine) -> None:
    line.previous_hash = head.hash
    line.line_hash = line_hash(head.hash, content_of(line))
    line.save(force_insert=True)
    head.number, head.hash = line.pk, line.line_hash


def prune(*, keep_days: int, by: Any = None) -> Pruned | None:
    """Delete the lines at the front of the trail that are older than `keep_days`; None when there are none.

    Writes one line that names how many went, from when to when, and the hash of the last, so the rest can still be checked.
    """
    with transaction.atomic():
        head = locked_trail_head()
        limit = now() - dt.timedelta(days=keep_days)
        stays = AuditLine.objects.filter(happened_at__gte=limit).aggregate(first=Min("pk"))["first"]
        old = AuditLine.objects.all() if stays is None else AuditLine.objects.filter(pk__lt=stays)
        about = old.aggregate(count=Count("pk"), first=Min("happened_at"), last=Max("happened_at"), through=Max("pk"))
        if not about["count"]:
            return None
        through = AuditLine.objects.get(pk=about["through"])
        pruned = Pruned(about["count"], about["first"], about["last"], through.pk, through.line_hash)
        with deleting_allowed(AuditLine._meta.db_table):
            old._raw_delete(old.db)
        detail = {
            "count": pruned.count,
            "first_at": pruned.first_at.isoformat(),
            "last_at": pruned.last_at.isoformat(),
            "through_id": pruned.through_id,
            "through_hash": pruned.through_hash,
            "keep_days": keep_days,
        }
        actor = str(getattr(by, "uid", "") or "")
        _append(head, AuditLine(entry_uid=new_uid(), actor=actor, action=PRUNED, detail=detail, happened_at=now()))
        head.save(update_fields=["number", "hash"])
    return pruned


def prune_old_lines(context: JobContext) -> None:
    """The daily job: prune what is older than the setting says."""
    prune(keep_days=settings.AUDIT_KEEP_DAYS)


def verify_trail() -> Iterator[Fault]:
    """Everything in the trail that does not fit, first to last. Numbers are the keys of the lines."""
    previous, started_from, number = FIRST_HASH, "", 0
    pruned_through: set[str] = set()
    for line in AuditLine.objects.order_by("pk").iterator():
        if not number and line.previous_hash != FIRST_HASH:
            previous = started_from = line.previous_hash
        if line.previous_hash != previous:
            yield Fault(AUDIT_CHAIN, line.pk, "removed", f"{number} → {line.pk}")
        if line.line_hash != line_hash(line.previous_hash, content_of(line)):
            yield Fault(AUDIT_CHAIN, line.pk, "changed", line.action)
        if line.action == PRUNED:
            pruned_through.add(str(line.detail.get("through_hash")))
        previous, number = line.line_hash, line.pk
    if started_from and started_from not in pruned_through:
        yield Fault(AUDIT_CHAIN, 0, "removed", started_from)
    head = ChainHead.objects.filter(chain=AUDIT_CHAIN).first()
    if head is not None and (head.number, head.hash) != (number, previous):
        yield Fault(AUDIT_CHAIN, head.number, "head", f"{number} / {head.number}")


def first_broken_line() -> int | None:
    """The key of the first line that does not fit the chain (0: lines are missing at the front), or None when all fit."""
    fault = next(verify_trail(), None)
    return fault.number if fault else None
