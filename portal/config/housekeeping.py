"""Periodic work that belongs to no domain: clearing out what is over."""

import datetime as dt

from django.core.management import call_command
from django.db.models import Exists, OuterRef, QuerySet

from portal.ground.clock import now
from portal.ground.jobs import JobContext, job_kind, periodic
from portal.ground.models import Delivery, Job, OutboxEntry

KEEP_DONE_DAYS = 14
KEEP_STOPPED_DAYS = 180
BATCH = 1000


def declare() -> None:
    """Declare the kind and its period. Called once at start."""
    job_kind("config.clear_out")(clear_out)
    periodic("config.clear_out", every_seconds=24 * 3600)


def clear_out(context: JobContext) -> None:
    """Delete ended sessions, finished jobs and delivered events that nobody needs any more, in small transactions."""
    call_command("clearsessions", verbosity=0)
    old = now() - dt.timedelta(days=KEEP_DONE_DAYS)
    stopped = now() - dt.timedelta(days=KEEP_STOPPED_DAYS)
    open_states = [Delivery.State.WAITING, Delivery.State.PARKED]
    undelivered = Delivery.objects.filter(entry=OuterRef("pk"), state__in=open_states)
    for over in (
        Job.objects.filter(state=Job.State.DONE, finished_at__lt=old),
        Job.objects.filter(state__in=[Job.State.FAILED, Job.State.CANCELLED], finished_at__lt=stopped),
        OutboxEntry.objects.filter(~Exists(undelivered), created_at__lt=old),
    ):
        _delete(context, over)


def _delete(context: JobContext, rows: QuerySet) -> None:
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        context.check()
        rows.model.objects.filter(pk__in=ids).delete()
