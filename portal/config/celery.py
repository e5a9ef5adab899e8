"""The Celery application. Its messages carry nothing: "there may be work". What there is to do stands in the job table."""

import os
import warnings

import django
from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_init, worker_process_init, worker_shutting_down
from django.apps import apps
from django.conf import settings
from django.db import connections
from kombu.transport import TRANSPORT_ALIASES

from portal.config.processes import guard, transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings.production")
if not apps.ready:
    django.setup()
TRANSPORT_ALIASES["handover"] = "portal.config.processes.transport:Transport"

warnings.filterwarnings("ignore", category=SecurityWarning)  # about root and pickle: messages are JSON without content

app = Celery("linghang")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL or "handover://localhost",
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_connect_timeout": 5, "socket_timeout": 20} if settings.CELERY_BROKER_URL else {},
    include=["portal.config.processes.work"],
    task_default_queue="linghang",
    accept_content=["json"],
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    CELERY_DB_REUSE_MAX=500,  # keep the database connection from task to task; `work` itself drops a broken one
    worker_cancel_long_running_tasks_on_connection_loss=False,
)

if not settings.CELERY_BROKER_URL:
    from portal.config.processes.relay import EmbeddedRelay

    app.steps["consumer"].add(EmbeddedRelay)
elif settings.CELERY_BROKER_URL.startswith(("redis:", "rediss:", "sentinel:")):
    from portal.config.processes.hearing import Hearing

    app.steps["consumer"].add(Hearing)


@worker_init.connect
def _before_forking(**_: object) -> None:
    guard.watch()
    connections.close_all()  # an SQLite connection must not be carried over a fork


@worker_process_init.connect
def _after_forking(**_: object) -> None:
    guard.watch()


@worker_shutting_down.connect
def _stopping(**_: object) -> None:
    transport.ring()
