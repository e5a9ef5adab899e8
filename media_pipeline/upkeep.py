"""The periodic job `media.upkeep`: assets whose job is gone are marked, old versions and leftovers are removed."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import time

from django.db import transaction
from django.db.models import Q

from media_pipeline import limits, storage
from media_pipeline.models import Asset, Version
from media_pipeline.operations import PROCESS, queue_processing
from media_pipeline.process import tell_of_failure
from media_pipeline.verdicts import Verdict
from portal.ground.clock import now
from portal.ground.jobs import JobContext, job_kind, periodic
from portal.ground.models import Job

log = logging.getLogger(__name__)

UPKEEP = "media.upkeep"
_ALIVE = (Job.State.QUEUED, Job.State.RUNNING)


@job_kind(UPKEEP, max_attempts=3)
def upkeep(context: JobContext) -> None:
    """Do all of it; each part is safe to repeat."""
    settle_abandoned()
    remove_old_versions()
    remove_leftovers()


periodic(UPKEEP, every_seconds=60)


def settle_abandoned() -> int:
    """Give every unfinished asset whose job has stopped its outcome: failed with a reason if the job was given up (its worker
    died again and again), queued again if it vanished. Returns how many were settled."""
    settled = 0
    unfinished = Asset.objects.filter(state__in=[Asset.State.WAITING, Asset.State.WORKING]).select_related("job")
    for asset in unfinished:
        jobs = Job.objects.filter(kind=PROCESS, key=str(asset.uid))
        if jobs.filter(state__in=_ALIVE).exists():
            continue
        verdict = Verdict("worker_died")
        with transaction.atomic():
            mine = Asset.objects.filter(pk=asset.pk, state=asset.state)
            if asset.job is not None and asset.job.state == Job.State.FAILED:
                failed = mine.update(
                    state=Asset.State.FAILED, progress=0, note="", failure_code=verdict.code, failure=verdict.sentence
                )
                if failed:
                    tell_of_failure(asset, asset.job.pk)
                settled += failed
            elif mine.update(state=Asset.State.WAITING, progress=0, note=""):
                queue_processing(asset)
                settled += 1
    return settled


def remove_old_versions() -> int:
    """Delete versions replaced more than a day ago, so that players that were open could finish. Returns how many."""
    limit = now() - dt.timedelta(seconds=limits.OLD_VERSION_SECONDS)
    old = list(Version.objects.filter(Q(retired_at__lt=limit), current_for__isnull=True))
    private = storage.store()
    for version in old:
        version.delete()
        private.delete(version.folder)
    return len(old)


def remove_leftovers() -> int:
    """Delete parts of uploads and work folders that nobody has touched for a day. Returns how many."""
    removed = 0
    limit = time.time() - limits.STALE_PART_SECONDS
    for place in [*storage.work_root().glob("uploads/*.part"), *storage.work_root().glob("encode/*")]:
        try:
            stale = place.stat().st_mtime < limit
        except FileNotFoundError:
            continue
        if stale:
            log.info("removing leftover %s", place)
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)
            removed += 1
    return removed
