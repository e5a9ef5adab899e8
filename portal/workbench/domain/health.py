"""How the installation runs: what stands still, how much room is left, what is behind."""

from __future__ import annotations

import dataclasses
import datetime as dt
import platform
import shutil
from typing import Any

import django
import wagtail
from django.conf import settings
from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plugins.sdk import __version__ as sdk_version
from portal import __version__ as product_version
from portal.ground.audit import audit
from portal.ground.clock import BUSINESS_ZONE, now
from portal.ground.health import Reading
from portal.ground.jobs import retry
from portal.ground.models import Delivery, Job, PeriodicJob
from portal.ground.outbox import retry_parked
from portal.notices.domain.posting import send_again
from portal.notices.models import Posting

SHOWN = 50
SILENT_AFTER = dt.timedelta(minutes=5)
LATE_AFTER = dt.timedelta(minutes=5)
LITTLE_ROOM_SHARE, LITTLE_ROOM_BYTES = 0.1, 2 * 1024**3
GIBIBYTE = 1024**3
SEARCH_CONSUMER = "search.index"


@dataclasses.dataclass(frozen=True)
class Stopped:
    """Something that was given up. `kind` (job, delivery, posting) and `uid` name it for trying again."""

    kind: str
    pk: int
    title: str
    reason: str
    at: dt.datetime | None


class NothingStopped(LookupError):
    """There is no such stopped row, or somebody was quicker."""


def worker_reading() -> Reading:
    """Whether a worker fires periodic jobs: some are due every minute. One query."""
    rows = PeriodicJob.objects.values_list("next_due_at", "every_seconds")
    fired = max((due - dt.timedelta(seconds=every) for due, every in rows), default=None)
    if fired is None:
        return Reading("bad", _("从未运行"), _("请启动后台进程（bin/run 会一并启动）。"))
    if now() - fired > SILENT_AFTER:
        since = date_format(fired.astimezone(BUSINESS_ZONE), "DATETIME_FORMAT")
        return Reading("bad", _("%(since)s 起没有响应") % {"since": since}, _("请检查后台进程是否在运行。"))
    return Reading("good", _("正在运行"))


def stopped_reading() -> Reading:
    """How many jobs, deliveries and messages were given up. Three queries."""
    number = (
        Job.objects.filter(state=Job.State.FAILED).count()
        + Delivery.objects.filter(state=Delivery.State.PARKED).count()
        + Posting.objects.filter(state=Posting.State.PARKED).count()
    )
    if number:
        return Reading("warning", _("%(count)s 项") % {"count": number}, _("查看原因，处理后可以重试。"))
    return Reading("good", _("没有"))


def waiting_reading() -> Reading:
    """How long the oldest due job has waited. One query."""
    oldest = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=now()).order_by("due_at").first()
    return _lag(oldest.due_at if oldest is not None else None)


def search_reading() -> Reading:
    """How far the search index is behind. One query."""
    waiting = Delivery.objects.filter(consumer=SEARCH_CONSUMER, state=Delivery.State.WAITING).select_related("entry")
    oldest = waiting.order_by("entry_id").first()
    return _lag(oldest.entry.created_at if oldest is not None else None)


def _lag(since: dt.datetime | None) -> Reading:
    if since is None:
        return Reading("good", _("没有积压"))
    seconds = int((now() - since).total_seconds())
    value = _("%(count)s 秒") % {"count": seconds} if seconds < 120 else _("%(count)s 分钟") % {"count": seconds // 60}
    late = seconds > LATE_AFTER.total_seconds()
    return Reading("warning" if late else "good", value, _("后台进程可能停了，或者任务太多。") if late else "")


def disk_reading() -> Reading:
    """Room on the disk of the data folder."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    value = _("剩余 %(free)s GB，共 %(total)s GB") % {
        "free": round(usage.free / GIBIBYTE, 1),
        "total": round(usage.total / GIBIBYTE, 1),
    }
    if usage.free < LITTLE_ROOM_BYTES:
        return Reading("bad", value, _("磁盘快满了：请清理或扩容，否则上传和备份会失败。"))
    if usage.free < usage.total * LITTLE_ROOM_SHARE:
        return Reading("warning", value, _("磁盘剩余不足一成，请安排清理或扩容。"))
    return Reading("good", value)


def versions() -> list[tuple[str, str]]:
    """Name and version of what the installation is made of."""
    database = connection.vendor
    if database == "postgresql":
        database = f"PostgreSQL {connection.pg_version // 10000}.{connection.pg_version % 10000}"  # type: ignore[attr-defined]
    elif database == "sqlite":
        database = f"SQLite {connection.Database.sqlite_version}"  # type: ignore[attr-defined]
    return [
        (_("领航"), product_version),
        (_("插件接口"), sdk_version),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Wagtail", wagtail.__version__),
        (_("数据库"), database),
    ]


def stopped() -> list[Stopped]:
    """The newest of what was given up, each kind at most 50. Three queries."""
    jobs = Job.objects.filter(state=Job.State.FAILED).order_by("-finished_at", "-pk")[:SHOWN]
    deliveries = Delivery.objects.filter(state=Delivery.State.PARKED).select_related("entry").order_by("-pk")[:SHOWN]
    postings = Posting.objects.filter(state=Posting.State.PARKED).order_by("-pk")[:SHOWN]
    return [
        *(Stopped("job", job.pk, job.kind, job.error, job.finished_at) for job in jobs),
        *(
            Stopped("delivery", row.pk, f"{row.entry.name} → {row.consumer}", row.last_error, row.due_at)
            for row in deliveries
        ),
        *(Stopped("posting", row.pk, row.channel, row.last_error, row.due_at) for row in postings),
    ]


def try_again(actor: Any, kind: str, pk: int) -> None:
    """Try something again that was given up. Raises NothingStopped. Writes the row and an audit line; queues a job."""
    with transaction.atomic():
        if not _RETRIES[kind](pk):
            raise NothingStopped(f"{kind} {pk}")
        audit(actor, "workbench.tried_again", target_kind=kind, target_uid=pk)


def _retry_job(pk: int) -> bool:
    job = Job.objects.filter(pk=pk).first()
    return job is not None and retry(job)


def _retry_delivery(pk: int) -> bool:
    return bool(retry_parked(Delivery.objects.filter(pk=pk)))


def _retry_posting(pk: int) -> bool:
    posting = Posting.objects.filter(pk=pk).first()
    return posting is not None and send_again(posting)


_RETRIES = {"job": _retry_job, "delivery": _retry_delivery, "posting": _retry_posting}
