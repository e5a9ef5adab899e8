import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.config import celery
from portal.config.processes import guard, relay


class Command(BaseCommand):
    """The relay of a cluster."""

    help = "集群模式：把任务表里到期的任务通知给 Celery 工作进程 (cluster mode: tell the workers of due jobs)"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        if celery.app.conf.broker_url.startswith("handover:"):
            raise CommandError(
                "relay 只用于集群模式：请先设置 CELERY_BROKER_URL (for a cluster only: set CELERY_BROKER_URL)"
            )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        guard.watch()
        relay.run_for_cluster(stop)
