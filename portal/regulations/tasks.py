"""Work of the regulations that runs in the background."""

from portal.ground.clock import today
from portal.ground.jobs import JobContext, job_kind
from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.following import tell_of_start
from portal.regulations.domain.importing import READ_TEXTS
from portal.regulations.domain.workflow import remind_of_reviews

REMIND = "regulations.remind"
STARTING = "regulations.starting"
_AT_ONCE = 40


@job_kind(READ_TEXTS, lease_seconds=300)
def read_texts(context: JobContext) -> None:
    """Read references and relations out of new and changed texts, some at a time."""
    while read_unread(_AT_ONCE):
        context.check()


@job_kind(REMIND, lease_seconds=300)
def remind(context: JobContext) -> None:
    """Owners of works whose day of review is near get a task."""
    remind_of_reviews()


@job_kind(STARTING, lease_seconds=300)
def tell_starting(context: JobContext) -> None:
    """Who follows a work is told that a version of it takes effect today."""
    tell_of_start(today())
