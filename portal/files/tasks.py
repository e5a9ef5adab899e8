"""Work of the files that runs in the background."""

from __future__ import annotations

from portal.files.domain import texts
from portal.files.models.text import READ_TEXT
from portal.ground.jobs import JobContext, job_kind, periodic

READ_REST = "files.read_rest"


@job_kind(READ_TEXT)
def read_text(context: JobContext, uid: str) -> None:
    """Read the words of one document."""
    texts.read_text(uid, context.check)


@job_kind(READ_REST)
def read_rest(context: JobContext) -> None:
    """Queue what was never read."""
    texts.queue_unread()


periodic(READ_REST, every_seconds=3600)
