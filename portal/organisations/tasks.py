"""Periodic work of the register."""

from __future__ import annotations

from portal.ground.jobs import JobContext, job_kind, periodic
from portal.organisations.domain.terms import remind_of_ending_terms

REMIND_EVERY_SECONDS = 12 * 3600


@job_kind("organisations.remind_of_terms")
def remind_of_terms(context: JobContext) -> None:
    """Tell of terms that end soon."""
    remind_of_ending_terms()


periodic("organisations.remind_of_terms", every_seconds=REMIND_EVERY_SECONDS)
