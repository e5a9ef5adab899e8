"""The job table: queue, claim, renew, finish. All moves are compare-and-swap on (state, fence)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction

from portal.ground.clock import now
from portal.ground.jobs.kinds import LEASE_SECONDS, kinds, periods
from portal.ground.models import Job, PeriodicJob

log = logging.getLogger(__name__)

MAX_PAUSE_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Claim:
    """The right to run one job: valid while the row's fence is still this one."""

    job_id: int
    fence: int
    kind: str


_waker: Callable[[], None] | None = None


def set_waker(waker: Callable[[], None] | None) -> None:
    """Set what is called after a commit that queued something due now. It must not block or raise."""
    global _waker
    _waker = waker


def _wake() -> None:
    if _waker:
        _waker()


def enqueue(
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    key: str = "",
    due_at: dt.datetime | None = None,
    priority: int = 0,
) -> Job | None:
    """Queue a job in the open transaction (or its own) and wake a worker after commit.

    With a `key`, a job of this kind and key that still waits stands for this one too and None is returned. `due_at` defers
    it. A kind unknown here may be queued: another process may know it.
    """
    declared = kinds().get(kind)
    due = due_at or now()
    if key and Job.objects.filter(kind=kind, key=key, state=Job.State.QUEUED).exists():
        if due_at is None:
            Job.objects.filter(kind=kind, key=key, state=Job.State.QUEUED, due_at__gt=due).update(due_at=due)
        transaction.on_commit(_wake)
        return None
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                key=key,
                payload=payload or {},
                due_at=due,
                priority=priority,
                max_attempts=declared.max_attempts if declared else 3,
            )
    except IntegrityError:
        if not key:
            raise
        return None  # another transaction queued the same key a moment ago
    transaction.on_commit(_wake)
    return job


def claim_due(owner: str, limit: int = 10, only: set[str] | None = None) -> list[Claim]:
    """Claim up to `limit` due jobs, most urgent first, and jobs whose lease ran out. Writes state, fence and lease.

    A job claimed `max_attempts` times without finishing is parked as failed with its reason (a poison job).
    """
    moment = now()
    claims: list[Claim] = []
    _reap(moment)
    with transaction.atomic():
        rows = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=moment)
        if only is not None:
            rows = rows.filter(kind__in=only)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        for job in rows.order_by("-priority", "due_at", "id")[:limit]:
            declared = kinds().get(job.kind)
            lease = declared.lease_seconds if declared else LEASE_SECONDS
            swapped = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, fence=job.fence).update(
                state=Job.State.RUNNING,
                fence=job.fence + 1,
                attempts=job.attempts + 1,
                lease_owner=owner[:100],
                lease_until=moment + dt.timedelta(seconds=lease),
            )
            if swapped:
                claims.append(Claim(job.pk, job.fence + 1, job.kind))
    return claims


def _reap(moment: dt.datetime) -> None:
    """Put jobs whose lease ran out back into the queue, or park them."""
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=moment)[:100]:
        put_back(Claim(job.pk, job.fence, job.kind), "执行进程中断，租约到期 (the worker went silent)", pause=False)


def renew(claim: Claim, lease_seconds: int) -> bool:
    """Extend the lease; False when the claim is no longer valid (taken over or cancelled)."""
    return bool(
        Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).update(
            lease_until=now() + dt.timedelta(seconds=lease_seconds)
        )
    )


def report_progress(claim: Claim, percent: int, note: str = "") -> bool:
    """Write progress, 0 to 100, and a short note for people. False when the claim is no longer valid."""
    return bool(
        Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).update(
            progress=max(0, min(100, percent)), progress_note=note[:200]
        )
    )


def start(claim: Claim) -> Job | None:
    """The row of a valid claim, marked as started; None when the claim is no longer valid."""
    changed = Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).update(started_at=now())
    return Job.objects.get(pk=claim.job_id) if changed else None


def finish(claim: Claim) -> bool:
    """Mark done; False when the claim is no longer valid, and then nothing is written."""
    return bool(
        Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).update(
            state=Job.State.DONE, finished_at=now(), progress=100, error="", lease_until=None
        )
    )


def park(claim: Claim, reason: str) -> bool:
    """Stop a job for good with its reason, to be seen and retried by staff."""
    return bool(
        Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).update(
            state=Job.State.FAILED, finished_at=now(), error=reason[:4000], lease_until=None
        )
    )


def put_back(claim: Claim, reason: str, *, pause: bool = True, pause_seconds: float | None = None) -> bool:
    """Queue a claimed job again after a growing pause, or park it when its attempts are used up."""
    job = Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).first()
    if job is None:
        return False
    if job.attempts >= job.max_attempts and pause_seconds is None:
        return park(claim, reason)
    if job.key and Job.objects.filter(kind=job.kind, key=job.key, state=Job.State.QUEUED).exists():
        return finish(claim)  # its successor waits already and does the same work
    seconds = pause_seconds if pause_seconds is not None else min(2**job.attempts, MAX_PAUSE_SECONDS) if pause else 0.0
    return bool(
        Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING).update(
            state=Job.State.QUEUED,
            due_at=now() + dt.timedelta(seconds=seconds),
            error=reason[:4000],
            lease_until=None,
            attempts=job.attempts - 1 if pause_seconds is not None else job.attempts,
        )
    )


def cancel(job: Job) -> bool:
    """Cancel a job that has not finished; a running one notices at its next heartbeat and stops."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(
            state=Job.State.CANCELLED, finished_at=now(), lease_until=None
        )
    )


def retry(job: Job) -> bool:
    """Queue a stopped or cancelled job again with fresh attempts."""
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED]).update(
            state=Job.State.QUEUED, attempts=0, due_at=now(), error="", progress=0, progress_note="", finished_at=None
        )
        transaction.on_commit(_wake)
    return bool(changed)


def release_claims_of_dead_worker() -> int:
    """Queue again everything that is marked as running. Only valid for a sole worker, at its start."""
    released = 0
    for job in Job.objects.filter(state=Job.State.RUNNING):
        released += put_back(Claim(job.pk, job.fence, job.kind), "执行进程重新启动 (the worker restarted)", pause=False)
    return released


def fire_periodic() -> int:
    """Queue the periodic jobs that are due, each once, however many relays ask. Returns how many were queued."""
    fired = 0
    moment = now()
    for name, seconds in periods().items():
        row, _ = PeriodicJob.objects.get_or_create(
            kind=name, defaults={"every_seconds": seconds, "next_due_at": moment}
        )
        if row.next_due_at > moment:
            continue
        with transaction.atomic():
            swapped = PeriodicJob.objects.filter(pk=row.pk, next_due_at=row.next_due_at).update(
                next_due_at=moment + dt.timedelta(seconds=seconds), every_seconds=seconds
            )
            if swapped and enqueue(name, key="periodic"):
                fired += 1
    return fired
