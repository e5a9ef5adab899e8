"""The work of the register that runs in a worker."""

from __future__ import annotations

from portal.ground.jobs import JobContext, job_kind, periodic
from portal.organisations.domain.register import runs
from portal.organisations.domain.terms import remind_of_ending_terms

REMIND_EVERY_SECONDS = 12 * 3600


@job_kind("organisations.remind_of_terms")
def remind_of_terms(context: JobContext) -> None:
    """Tell of terms that end soon."""
    remind_of_ending_terms()


@job_kind(runs.JOB, lease_seconds=600)
def import_table(context: JobContext, uid: str) -> None:
    """Look a table of organisations through, or bring it in."""
    runs.work(uid, context.progress_soon)


@job_kind("organisations.upkeep")
def upkeep(context: JobContext) -> None:
    """Old uploads go."""
    runs.clear_away()


periodic("organisations.upkeep", every_seconds=3600)
periodic("organisations.remind_of_terms", every_seconds=REMIND_EVERY_SECONDS)
