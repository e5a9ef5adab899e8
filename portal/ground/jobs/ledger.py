"""The job table: queue, claim, renew, finish. All moves are compare-and-swap on (state, fence)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from portal.ground.clock import now
from portal.ground.jobs import owners
from portal.ground.jobs.kinds import LEASE_SECONDS, heavy_kinds, kinds, periods
from portal.ground.models import Job, PeriodicJob

log = logging.getLogger(__name__)

MAX_PAUSE_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Claim:
    """The right to run one job: valid while the row's fence is still this one."""

    job_id: int
    fence: int
    kind: str
    job: Job | None = dataclasses.field(default=None, compare=False, repr=False)
    """The row as it was claimed, so that whoever runs it need not read it again."""


_waker: Callable[[], None] | None = None
_sweeps: dict[str, Callable[[], None]] = {}


def set_waker(waker: Callable[[], None] | None) -> None:
    """Set what is called after a commit that queued something due now. It must not block or raise."""
    global _waker
    _waker = waker


def _wake() -> None:
    if _waker:
        _waker()


def register_sweep(name: str, sweep: Callable[[], None]) -> None:
    """Set a function that queues what a crash kept from being queued. Workers call it about once a second; it must be cheap."""
    _sweeps[name] = sweep


def enqueue(
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    key: str = "",
    due_at: dt.datetime | None = None,
    priority: int = 0,
) -> Job | None:
    """Queue a job in the open transaction (or its own) and wake a worker after commit.

    With a `key`, a job of this kind and key that still waits stands for this one too and None is returned: it does not
    start before this transaction ends, so it sees what this transaction wrote. Jobs of one kind and key never run side by
    side. `due_at` defers it. A kind unknown here may be queued: another process may know it.
    """
    declared = kinds().get(kind)
    due = due_at or now()
    for tries_left in reversed(range(5)):
        if key and _join_waiting(kind, key, due):
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
            if not key or not tries_left:
                raise
            continue  # another transaction queued the same key a moment ago: join that one
        transaction.on_commit(_wake)
        return job
    return None


def _join_waiting(kind: str, key: str, due: dt.datetime) -> bool:
    """Whether a job of this kind and key waits, no later than `due`; nobody can claim it until this transaction ends.

    SQLite holds the one write lock anyway. PostgreSQL needs a share lock on the row: claims skip it, and other joiners are
    not held up as they would be by `select_for_update`.
    """
    waiting = Job.objects.filter(kind=kind, key=key, state=Job.State.QUEUED)
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT due_at FROM ground_job WHERE kind = %s AND key = %s AND state = 'queued' FOR SHARE", [kind, key]
            )
            row = cursor.fetchone()
        found_due = row[0] if row else None
    else:
        found_due = waiting.values_list("due_at", flat=True).first()
    if found_due is None:
        return False
    if found_due > due:
        return bool(waiting.update(due_at=due))
    return True


def _claimable(moment: dt.datetime, only: set[str] | None) -> QuerySet[Job]:
    twin = Job.objects.filter(kind=OuterRef("kind"), key=OuterRef("key"), state=Job.State.RUNNING).exclude(key="")
    rows = Job.objects.filter(~Exists(twin), state=Job.State.QUEUED, due_at__lte=moment)
    return rows if only is None else rows.filter(kind__in=only)


def count_due() -> int:
    """How many jobs wait to be claimed now."""
    return _claimable(now(), None).count()


def claim_due(
    owner: str, limit: int = 10, only: set[str] | None = None, *, heavy_limit: int | None = None
) -> list[Claim]:
    """Claim up to `limit` due jobs, most urgent first. Writes state, fence, lease and one more attempt.

    Jobs whose lease ran out are queued again first; one claimed `max_attempts` times without finishing is parked as failed
    with its reason (a poison job). A job waits while another of its kind and key runs. With `heavy_limit`, kinds declared
    heavy are passed over while that many of them run on the owner's machine.
    """
    reap_expired()
    moment = now()
    seen = list(_in_order(_claimable(moment, only))[:limit])
    if not seen:
        return []  # no write lock taken on an idle SQLite
    heavy = heavy_kinds() if heavy_limit is not None else frozenset()
    claims: list[Claim] = []
    only_light = heavy.isdisjoint(job.kind for job in seen)
    with transaction.atomic():
        if only_light and not connection.features.has_select_for_update_skip_locked:
            claims = _claim_each(seen, owner, moment)
        if not claims:  # others were faster, or what may be taken must be found out under the lock
            rows = _claimable(moment, only)
            if heavy and (only_light or _running_on_machine(owner, heavy) >= (heavy_limit or 0)):
                rows = rows.exclude(kind__in=heavy)  # a heavy one that came in just now is asked about at the next turn
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True)
            claims = _claim_each(_in_order(rows)[:limit], owner, moment)
    return claims


def _in_order(rows: QuerySet[Job]) -> QuerySet[Job]:
    return rows.order_by("-priority", "due_at", "id")


def _running_on_machine(owner: str, kinds_: frozenset[str]) -> int:
    running = Job.objects.filter(state=Job.State.RUNNING, kind__in=kinds_)
    return running.filter(lease_owner__startswith=owners.machine_of(owner)).count()


def _claim_each(rows: Iterable[Job], owner: str, moment: dt.datetime) -> list[Claim]:
    """Claim those of the rows that are still as they were read. One that was read as claimable and is still queued with the
    same fence has no running twin, for no other row of its kind and key could be queued meanwhile."""
    claims = []
    for job in rows:
        declared = kinds().get(job.kind)
        lease = declared.lease_seconds if declared else LEASE_SECONDS
        swapped = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, fence=job.fence).update(
            state=Job.State.RUNNING,
            fence=job.fence + 1,
            attempts=job.attempts + 1,
            lease_owner=owner[:100],
            lease_until=moment + dt.timedelta(seconds=lease),
            started_at=moment,
        )
        if swapped:
            claims.append(Claim(job.pk, job.fence + 1, job.kind, job))
    return claims


def reap_expired(moment: dt.datetime | None = None) -> int:
    """Put jobs whose lease ran out back into the queue, or park them. Returns how many."""
    moment = moment or now()
    reaped = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=moment)[:100]:
        reaped += put_back(
            Claim(job.pk, job.fence, job.kind),
            "执行进程中断，租约到期 (the worker went silent)",
            pause=False,
            only_if_expired_at=moment,
        )
    return reaped


def renew(claim: Claim, lease_seconds: int) -> bool:
    """Extend the lease; False when the claim is no longer valid (taken over or cancelled)."""
    return bool(_held(claim).update(lease_until=now() + dt.timedelta(seconds=lease_seconds)))


def _held(claim: Claim) -> QuerySet[Job]:
    return Job.objects.filter(pk=claim.job_id, fence=claim.fence, state=Job.State.RUNNING)


def report_progress(claim: Claim, percent: int, note: str = "") -> bool:
    """Write progress, 0 to 100, and a short note for people. False when the claim is no longer valid."""
    return bool(_held(claim).update(progress=max(0, min(100, percent)), progress_note=note[:200]))


def row_of(claim: Claim) -> Job | None:
    """The row of a valid claim; None when the claim is no longer valid."""
    return _held(claim).first()


def finish(claim: Claim) -> bool:
    """Mark done; False when the claim is no longer valid, and then nothing is written."""
    return bool(_held(claim).update(state=Job.State.DONE, finished_at=now(), progress=100, error="", lease_until=None))


def park(claim: Claim, reason: str) -> bool:
    """Stop a job for good with its reason, to be seen and retried by staff."""
    return bool(_held(claim).update(state=Job.State.FAILED, finished_at=now(), error=reason[:4000], lease_until=None))


def put_back(
    claim: Claim,
    reason: str,
    *,
    pause: bool = True,
    pause_seconds: float | None = None,
    counted: bool = True,
    only_if_expired_at: dt.datetime | None = None,
) -> bool:
    """Queue a claimed job again after a growing pause, or park it when its attempts are used up.

    `pause_seconds` sets the pause and does not count the attempt, nor does `counted=False`. With `only_if_expired_at` a
    lease that was renewed meanwhile wins. When a job of the same kind and key waits already, that one stands for both.
    """
    held = _held(claim)
    if only_if_expired_at is not None:
        held = held.filter(lease_until__lt=only_if_expired_at)
    job = held.first()
    if job is None:
        return False
    counted = counted and pause_seconds is None
    attempts = job.attempts if counted else max(0, job.attempts - 1)
    if counted and attempts >= job.max_attempts:
        return bool(held.update(state=Job.State.FAILED, finished_at=now(), error=reason[:4000], lease_until=None))
    seconds = pause_seconds if pause_seconds is not None else min(2**attempts, MAX_PAUSE_SECONDS) if pause else 0.0
    try:
        with transaction.atomic():
            return bool(
                held.update(
                    state=Job.State.QUEUED,
                    due_at=now() + dt.timedelta(seconds=seconds),
                    error=reason[:4000],
                    lease_until=None,
                    attempts=attempts,
                )
            )
    except IntegrityError:  # the one queued job of this kind and key is its successor
        return finish(claim)


def cancel(job: Job) -> bool:
    """Cancel a job that has not finished; a running one notices at its next heartbeat and stops."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(
            state=Job.State.CANCELLED, finished_at=now(), lease_until=None
        )
    )


def retry(job: Job) -> bool:
    """Queue a stopped or cancelled job again with fresh attempts; False when it is neither, or its like waits already."""
    try:
        with transaction.atomic():
            changed = Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED]).update(
                state=Job.State.QUEUED,
                attempts=0,
                due_at=now(),
                error="",
                progress=0,
                progress_note="",
                finished_at=None,
            )
            transaction.on_commit(_wake)
    except IntegrityError:
        return False
    return bool(changed)


def release_claims_of_dead_worker(*, sole_machine: bool, counted: bool = True) -> int:
    """Queue again at once what processes that are gone had claimed; others keep their lease. Returns how many.

    With `sole_machine` no other machine works on this table, so a claim from before a reboot is dead too. After an orderly
    stop the interrupted attempt is not `counted`.
    """
    released = 0
    for job in Job.objects.filter(state=Job.State.RUNNING):
        if owners.is_dead(job.lease_owner, sole_machine=sole_machine):
            released += put_back(
                Claim(job.pk, job.fence, job.kind), "执行进程已中断 (the worker stopped)", pause=False, counted=counted
            )
    return released


def sweep() -> None:
    """Queue what was written but has no job, as registered sweeps find it (deliveries of the outbox)."""
    for look in list(_sweeps.values()):
        look()


def fire_periodic() -> int:
    """Queue the periodic jobs that are due, each once, however many workers ask. Returns how many were queued."""
    moment = now()
    due = {row.kind: row for row in PeriodicJob.objects.all() if row.next_due_at > moment and row.kind in periods()}
    fired = 0
    for name, seconds in periods().items():
        if name in due:
            continue
        row, _ = PeriodicJob.objects.get_or_create(
            kind=name, defaults={"every_seconds": seconds, "next_due_at": moment}
        )
        with transaction.atomic():
            swapped = PeriodicJob.objects.filter(pk=row.pk, next_due_at=row.next_due_at).update(
                next_due_at=moment + dt.timedelta(seconds=seconds), every_seconds=seconds
            )
            if swapped and enqueue(name, key="periodic"):
                fired += 1
    return fired
