"""Clearing out what nobody needs any more."""

from portal.accounts.domain.attempts import forget_old_counters
from portal.accounts.domain.sessions import forget_old_sign_ins
from portal.ground.jobs import JobContext, job_kind, periodic


def declare() -> None:
    """Declare the kind and its period. Called once at start."""
    job_kind("accounts.clear_out")(clear_out)
    periodic("accounts.clear_out", every_seconds=24 * 3600)


def clear_out(context: JobContext) -> None:
    """Delete counters of failed sign-ins after a day and old sign-ins after half a year."""
    forget_old_counters()
    forget_old_sign_ins()
