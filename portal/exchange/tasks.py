"""The work of this app that runs in a worker."""

from __future__ import annotations

from portal.exchange.domain import applying, checking, receiving, sending
from portal.ground.jobs import JobContext, job_kind, periodic

HOUR = 3600


@job_kind(sending.JOB, lease_seconds=120)
def make_package(context: JobContext, uid: str) -> None:
    """Write a package."""
    sending.make_package(uid, context.progress)


@job_kind(receiving.CHECK_JOB, lease_seconds=120)
def check_package(context: JobContext, uid: str) -> None:
    """Compare a package with what is here."""
    checking.check(uid, context.progress)


@job_kind(receiving.APPLY_JOB, lease_seconds=600)
def apply_package(context: JobContext, uid: str) -> None:
    """Bring a package in, all or none."""
    applying.apply(uid, context.progress)


@job_kind("exchange.upkeep")
def upkeep(context: JobContext) -> None:
    """Old files go."""
    sending.clear_away()
    receiving.clear_away()


periodic("exchange.upkeep", every_seconds=HOUR)
