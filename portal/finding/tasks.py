"""Timed work of this app."""

from __future__ import annotations

from portal.finding.domain.using import remove_old
from portal.ground.jobs import JobContext, job_kind, periodic


@job_kind("finding.remove_old")
def _remove_old(context: JobContext) -> None:
    remove_old()


periodic("finding.remove_old", every_seconds=24 * 3600)
