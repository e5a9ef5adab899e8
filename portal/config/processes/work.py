"""The one Celery task: look into the job table and do what is due."""

import logging
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.db import close_old_connections

from portal.ground import jobs

log = logging.getLogger(__name__)

STOPPED_IN_ORDER = "stopped-in-order"  # written by the supervisor when it stopped the worker on request
WORK_SECONDS = 20.0


@shared_task(name="linghang.work", ignore_result=True)
def work(look_around: bool = False) -> None:
    """Do due jobs until none is left or some seconds have passed (the relay asks again each second).

    With `look_around` first queue what periods, waiting deliveries and dead processes have left to do.
    """
    close_old_connections()
    if look_around:
        _look_around()
    jobs.work_for(WORK_SECONDS, heavy_limit=settings.HEAVY_JOBS)


def _look_around() -> None:
    sole_machine = not settings.CELERY_BROKER_URL
    mark = Path(settings.DATA_DIR) / "run" / STOPPED_IN_ORDER
    released = jobs.release_claims_of_dead_worker(sole_machine=sole_machine, counted=not mark.exists())
    mark.unlink(missing_ok=True)
    if released:
        log.info("queued %s interrupted jobs again", released)
    jobs.fire_periodic()
    jobs.sweep()
