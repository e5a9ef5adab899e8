"""The work of this app that runs in a worker."""

from __future__ import annotations

from portal.ground.jobs import JobContext, job_kind, periodic
from portal.members.domain import downloads, erasing, exporting, missing, storing
from portal.members.domain.files import ensure_files
from portal.members.domain.importing import running

HOUR = 3600


@job_kind(downloads.JOB)
def make_personal_data(context: JobContext, uid: str) -> None:
    """Put a person's data together."""
    downloads.prepare_personal_data(uid)


@job_kind(exporting.JOB, lease_seconds=120)
def make_export(context: JobContext, uid: str) -> None:
    """Write an export."""
    exporting.prepare_export(uid, context.progress)


@job_kind(running.CHECK_JOB, lease_seconds=120)
def check_import(context: JobContext, uid: str) -> None:
    """Read and check a file; goes on where a run that was broken off stopped."""
    running.check(uid, context.progress)


@job_kind(running.APPLY_JOB, lease_seconds=300)
def apply_import(context: JobContext, uid: str) -> None:
    """Bring the checked rows in, all or none."""
    running.apply(uid, context.progress)


@job_kind(erasing.JOB, lease_seconds=300, max_attempts=erasing.MAX_ATTEMPTS)
def erase(context: JobContext, uid: str) -> None:
    """Go on with an erasure of which a part failed."""
    erasing.retry_erasure(uid)


@job_kind("members.watch")
def watch(context: JobContext) -> None:
    """Find missing key fields, a task a unit."""
    missing.watch_key_fields()


@job_kind("members.upkeep")
def upkeep(context: JobContext) -> None:
    """Files for members who have none yet; old downloads go."""
    while ensure_files() == 5000:
        context.check()
    storing.clear_away()
    exporting.end_old_requests()


periodic("members.watch", every_seconds=24 * HOUR)
periodic("members.upkeep", every_seconds=HOUR)
