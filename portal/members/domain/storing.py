"""Files with personal data that are prepared or uploaded: how long they are kept."""

from __future__ import annotations

import datetime as dt

from django.db.models.functions import Coalesce

from portal.ground.clock import now
from portal.members.models import ImportRun, PreparedFile
from portal.shared.keeping import StoredFileGone, remove, store, stored

__all__ = ["StoredFileGone", "clear_away", "remove", "store", "stored"]

KEPT = dt.timedelta(hours=24)
KEPT_STATES = (PreparedFile.State.GONE, PreparedFile.State.ASKED)
KEPT_UPLOADS = dt.timedelta(days=7)


def clear_away() -> int:
    """Remove prepared files after a day and uploads that nobody went on with after a week; how many."""
    cleared = 0
    old = now() - KEPT
    since = Coalesce("ready_at", "decided_at", "made_at")
    over = PreparedFile.objects.alias(since=since).filter(since__lt=old).exclude(state__in=KEPT_STATES)
    for row in over[:500]:
        remove(row.path)
        PreparedFile.objects.filter(pk=row.pk).update(state=PreparedFile.State.GONE, path="")
        cleared += 1
    left = ImportRun.objects.filter(made_at__lt=now() - KEPT_UPLOADS).exclude(path="")
    for run in left.exclude(state=ImportRun.State.APPLYING)[:500]:
        remove(run.path)
        run.rows.all().delete()
        state = run.state if run.state == ImportRun.State.DONE else ImportRun.State.DROPPED
        ImportRun.objects.filter(pk=run.pk).update(path="", state=state, samples=[])
        cleared += 1
    return cleared
