"""gunicorn, for `bin/run` and the systemd unit alike. Threads, because two slow downloads stall two sync workers."""

import logging
from pathlib import Path
from typing import Any

from portal.config import environment as env
from portal.config.processes import guard

worker_class = "gthread"
workers = env.number("WEB_WORKERS", 1)
threads = env.number("WEB_THREADS", 4)
timeout = 120
graceful_timeout = 5
keepalive = 5
control_socket_disable = True  # its path may be too long, and a second instance would take it over
accesslog = None
loglevel = "warning"
proc_name = "linghang-web"
limit_request_line = 8190
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat file, in memory
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def on_starting(server: Any) -> None:
    """Runs in gunicorn's parent process."""
    guard.watch()


def post_fork(server: Any, worker: Any) -> None:
    """Runs in each worker process."""
    guard.watch()
    logging.captureWarnings(True)
