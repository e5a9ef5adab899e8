"""A job whose effect is a row, and a consumer that answers each effect with another row: both must be there exactly once."""

import time
from collections.abc import Sequence

from portal.ground.jobs import JobContext
from portal.ground.models import OutboxEntry
from portal.ground.outbox import emit

DONE = "fault.done"
COUNTED = "fault.counted"


def effect(context: JobContext, number: int, seconds: float) -> None:
    """Tell that `number` was done, after some work that a kill may hit."""
    emit(DONE, {"number": number})
    time.sleep(seconds)


def count(entries: Sequence[OutboxEntry]) -> None:
    """Answer each with a row."""
    OutboxEntry.objects.bulk_create([OutboxEntry(name=COUNTED, payload=entry.payload) for entry in entries])
