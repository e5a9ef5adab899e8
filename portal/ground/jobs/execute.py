"""Running one claimed job: heartbeat, outcome, retries."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.db import close_old_connections, connection, transaction

from portal.ground.jobs import ledger, owners
from portal.ground.jobs.kinds import JobKind, UnknownJobKind, kind_named, payload_of
from portal.ground.jobs.ledger import Claim

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 2.0  # how often the heartbeat looks for progress that was told inside a transaction


class LeaseLost(Exception):
    """The job was taken over or cancelled: stop, write nothing more."""


class PermanentFailure(Exception):
    """The job cannot succeed however often it is tried; the message is shown to staff."""


class RetryLater(Exception):
    """Not a fault: a condition is not met yet (disk space, another step). Tried again after `seconds`, without counting."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class JobContext:
    """What a running job may use: its progress, and whether it should still go on."""

    def __init__(self, claim: Claim, lease_seconds: int) -> None:
        self.claim = claim
        self.lease_seconds = lease_seconds
        self._lost = threading.Event()
        self._unwritten: tuple[int, str] | None = None

    def progress(self, percent: int, note: str = "") -> None:
        """Show progress (0 to 100). Raises LeaseLost when the job was taken over or cancelled."""
        if self.is_lost or not ledger.report_progress(self.claim, percent, note):
            self._lost.set()
            raise LeaseLost

    def progress_soon(self, percent: int, note: str = "") -> None:
        """As `progress`, inside a transaction, whose writes nobody sees before its end: the heartbeat shows it from a connection
        of its own. On SQLite, where one transaction writes at a time, it is not shown."""
        self.check()
        self._unwritten = (percent, note)

    @property
    def is_lost(self) -> bool:
        """Whether the claim has gone: a job that runs a program asks this now and then and ends it."""
        return self._lost.is_set()

    def check(self) -> None:
        """Raise LeaseLost when the claim has gone."""
        if self.is_lost:
            raise LeaseLost

    def _beat(self, stop: threading.Event) -> None:
        try:
            renew_at = time.monotonic() + self.lease_seconds / 3
            while not stop.wait(min(PROGRESS_SECONDS, self.lease_seconds / 3)):
                told, self._unwritten = self._unwritten, None
                if time.monotonic() >= renew_at:
                    renew_at = time.monotonic() + self.lease_seconds / 3
                    if not self._renewed():
                        self._lost.set()
                        return
                if told is not None and connection.vendor != "sqlite":
                    self._show(*told)
        finally:
            connection.close()

    def _show(self, percent: int, note: str) -> None:
        try:
            ledger.report_progress(self.claim, percent, note)
        except Exception:  # what is shown may lag
            log.warning("could not show the progress of job %s", self.claim.job_id, exc_info=True)
        finally:
            close_old_connections()

    def _renewed(self) -> bool:
        try:
            return ledger.renew(self.claim, self.lease_seconds)
        except Exception:  # the database may be away for a moment; the lease allows two misses
            log.warning("could not renew the lease of job %s", self.claim.job_id, exc_info=True)
            return True
        finally:
            close_old_connections()


def execute(claim: Claim, *, heartbeat: bool = True, just_claimed: bool = False) -> bool:
    """Run a claimed job to its outcome; True when it finished. Never raises for a fault of the job itself.

    Writes state, progress and error on the row. A stale claim does nothing; one that was `just_claimed` is not looked at again.
    """
    job = claim.job if just_claimed else ledger.row_of(claim)
    if job is None:
        return False
    try:
        kind = kind_named(job.kind)
    except UnknownJobKind:
        ledger.put_back(claim, f"没有程序能处理这类任务 (unknown job kind {job.kind})", pause_seconds=300)
        return False
    context = JobContext(claim, kind.lease_seconds)
    stop = threading.Event()
    beat = threading.Thread(target=context._beat, args=(stop,), daemon=True)
    heartbeat = heartbeat and not kind.atomic
    if heartbeat:
        beat.start()
    try:
        return _outcome(kind, context, payload_of(job.payload))
    finally:
        stop.set()
        if heartbeat:
            beat.join(timeout=5)


def _run_once(kind: JobKind, context: JobContext, payload: dict[str, Any]) -> bool:
    """Run an atomic kind: its effect is committed together with the finish, which only the newest claim can write."""
    with transaction.atomic():
        kind.run(context, **payload)
        if not ledger.finish(context.claim):
            raise LeaseLost
    return True


def _outcome(kind: JobKind, context: JobContext, payload: dict[str, Any]) -> bool:
    claim = context.claim
    try:
        if kind.atomic:
            return _run_once(kind, context, payload)
        kind.run(context, **payload)
    except LeaseLost:
        log.info("job %s was taken over or cancelled", claim.job_id)
    except PermanentFailure as failure:
        ledger.park(claim, str(failure))
    except RetryLater as pause:
        ledger.put_back(claim, str(pause), pause_seconds=pause.seconds)
    except Exception as error:  # any fault ends in the ledger, where staff see it
        log.exception("job %s (%s) failed", claim.job_id, claim.kind)
        ledger.put_back(claim, f"{type(error).__name__}: {error}")
    else:
        return ledger.finish(claim)
    return False


def run_due_jobs(limit: int = 1000) -> int:
    """Claim and run due jobs in this process until none is due; returns how many ran. For tests and `manage.py work --once`."""
    ran = 0
    swept = False
    while ran < limit:
        claims = ledger.claim_due("inline", 1)
        if claims:
            execute(claims[0], heartbeat=False, just_claimed=True)
            ran += 1
            swept = False
        elif swept:
            break
        else:
            ledger.sweep()
            swept = True
    return ran


def work_for(seconds: float, *, heavy_limit: int | None) -> int:
    """Claim and run due jobs in this worker process, one after the other, until none is due or `seconds` have passed.

    Returns how many ran. A job that has begun runs to its end, however long it takes.
    """
    owner = owners.this_process()
    until = time.monotonic() + seconds
    ran = 0
    while time.monotonic() < until:
        claims = ledger.claim_due(owner, 1, heavy_limit=heavy_limit)
        if not claims:
            break
        execute(claims[0], just_claimed=True)
        ran += 1
    return ran
