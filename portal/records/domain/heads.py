"""The head of each day: one hash that fixes everything entered until then. Printed or exported, it binds the database's owner."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from portal.ground.clock import now, today
from portal.ground.jobs import JobContext
from portal.records.domain.digests import instant_text
from portal.records.domain.sealing import AUDIT_CHAIN, FIRST_HASH, locked_head
from portal.records.models import AuditLine, ChainHead, DayHead, DayHeadLine, Seal

FORMAT: Final = "linghang-seals/1"
_DAY_LOCK: Final = "day-heads"


class DayNotOver(ValueError):
    """The head of a day was asked for before the day was over."""


def close_day(day: dt.date) -> DayHead:
    """Fix the ends of all chains that grew since the head before, as the head of `day`. Safe to repeat.

    Raises DayNotOver for today and later. What is being written at this moment belongs to the next head.
    """
    if day >= today():
        raise DayNotOver(day.isoformat())
    with transaction.atomic():
        locked_head(_DAY_LOCK)
        there = DayHead.objects.filter(day=day).first()
        if there is not None:
            return there
        before = DayHead.objects.order_by("-day").first()
        closed = DayHeadLine.objects.filter(chain=OuterRef("chain")).order_by("-number").values("number")[:1]
        grown = ChainHead.objects.annotate(closed=Coalesce(Subquery(closed), 0)).filter(number__gt=F("closed"))
        ends = list(grown.order_by("chain").values_list("chain", "number", "hash", "closed"))
        lines = [(chain, number, digest) for chain, number, digest, _closed in ends]
        previous = before.root if before else FIRST_HASH
        made = DayHead.objects.create(
            day=day,
            chains=len(lines),
            entries=sum(number - closed for _chain, number, _digest, closed in ends),
            made_at=now(),
            previous_root=previous,
            root=root_of(previous, day, lines),
        )
        DayHeadLine.objects.bulk_create(
            [DayHeadLine(head=made, chain=chain, number=number, hash=digest) for chain, number, digest in lines],
            batch_size=500,
        )
    return made


def close_past_days(context: JobContext) -> None:
    """The daily job: the head of yesterday, once; after days without a running site it stands for those too."""
    yesterday = today() - dt.timedelta(days=1)
    if not DayHead.objects.filter(day__gte=yesterday).exists():
        close_day(yesterday)


def root_of(previous: str, day: dt.date, lines: Sequence[tuple[str, int, str]]) -> str:
    """SHA-256 (hex) over the head before, the day, and the end of each grown chain in order of its key."""
    parts = [previous, day.isoformat(), *(f"{chain} {number} {digest}" for chain, number, digest in sorted(lines))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def newest_head() -> DayHead | None:
    """The newest day's head, or None while there is none."""
    return DayHead.objects.order_by("-day").first()


def entries_until() -> dt.datetime | None:
    """Up to when the records of this database reach: the newest instant in a chain or in the trail."""
    found = [
        Seal.objects.aggregate(at=Max("entered_at"))["at"],
        AuditLine.objects.aggregate(at=Max("happened_at"))["at"],
    ]
    return max((at for at in found if at is not None), default=None)


def export_lines(chains: Iterable[str] | None = None, *, trail: bool = True) -> Iterator[str]:
    """The export file, line by line: JSON, one entry a line, no value of any record. `chains` None is all of them.

    Day heads and the ends of the chains come first, then seals in order of chain and number, then the audit trail. What is
    written meanwhile is left out. `tools/verify_chain.py` reads it.
    """
    only = None if chains is None else frozenset(chains)
    yield _line({"format": FORMAT, "made_at": instant_text(now()), "whole": only is None})
    if only is None:
        for head in DayHead.objects.order_by("day").iterator(chunk_size=100):
            fixed = head.lines.order_by("chain").values_list("chain", "number", "hash")
            yield _line(["day", head.day.isoformat(), head.previous_root, head.root, [list(end) for end in fixed]])
    heads = ChainHead.objects.filter(number__gt=0).order_by("chain").values_list("chain", "number", "hash")
    ends = [end for end in heads if (trail if end[0] == AUDIT_CHAIN else only is None or end[0] in only)]
    for end in ends:
        yield _line(["end", *end])
    for chain, number, _digest in ends:
        if chain != AUDIT_CHAIN:
            seals = Seal.objects.filter(chain=chain, number__lte=number).order_by("number")
            yield from (_line(seal_columns(seal)) for seal in seals.iterator(chunk_size=2000))
    for chain, number, _digest in ends:
        if chain == AUDIT_CHAIN:
            lines = AuditLine.objects.filter(pk__lte=number).order_by("pk")
            yield from (_line(trail_columns(line)) for line in lines.iterator(chunk_size=2000))


def seal_columns(seal: Seal) -> list[Any]:
    """A seal as it stands in an export file."""
    return [
        "seal",
        seal.chain,
        seal.number,
        seal.kind,
        seal.uid,
        seal.version,
        seal.happened_on.isoformat(),
        seal.due_on.isoformat() if seal.due_on else "",
        instant_text(seal.entered_at),
        seal.entered_on.isoformat(),
        seal.entered_by,
        seal.content_digest,
        seal.previous_hash,
        seal.seal_hash,
    ]


def trail_columns(line: AuditLine) -> list[Any]:
    """An audit line as it stands in an export file."""
    return [
        "audit",
        line.pk,
        str(line.entry_uid),
        line.actor,
        line.action,
        line.target_kind,
        line.target_uid,
        line.detail,
        line.happened_at.astimezone(dt.UTC).isoformat(),
        line.previous_hash,
        line.line_hash,
    ]


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
