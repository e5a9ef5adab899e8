"""The relay turns "a job was committed" into a wake-up message for a free worker process, and asks each second anyway.

On one machine it is a thread of the worker (a bootstep), and the broker is the worker's own memory. In a cluster it runs
as a process of its own, `manage.py relay`, on any number of machines. It never claims: the process that runs a job claims
it, so no lease runs while a message waits, urgent jobs overtake, and the parent of the worker processes opens no database.
"""

import contextlib
import logging
import threading
import time
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import close_old_connections

from portal.config.processes import transport
from portal.config.processes.wake import Ear
from portal.config.processes.work import work
from portal.ground import jobs

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
CLUSTER_POLL_SECONDS = 0.25
CLUSTER_AHEAD = 8
MESSAGE_EXPIRES_SECONDS = 5


def open_ear() -> Ear | None:
    """The wake-up socket, or None with a line in the log when it cannot be made: then work starts within a second."""
    try:
        return Ear(settings.WAKE_SOCKET)
    except OSError as error:
        log.warning("no wake-up socket (%s); jobs start within a second instead of at once", error)
        return None


class EmbeddedRelay(bootsteps.StartStopStep):
    """The relay as a thread of the sole worker."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._stop = threading.Event()
        self._missed = threading.Event()
        self._send_lock = threading.Lock()

    def start(self, consumer: Any) -> None:
        """Begin to listen and to ask."""
        self._slots = consumer.controller.concurrency
        self._ear = open_ear()
        transport.set_on_done(self._slot_became_free)
        threading.Thread(target=self._run, name="relay", daemon=True).start()

    def stop(self, consumer: Any) -> None:
        """Ask for no more work; what runs goes on to its end."""
        self._stop.set()
        transport.set_on_done(None)

    def _run(self) -> None:
        next_look = 0.0
        while not self._stop.is_set():
            try:
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + LOOK_EVERY_SECONDS
                    self._ask(look_around=True)
                if self._wait(max(0.01, next_look - time.monotonic())):
                    self._ask()
            except Exception:
                log.exception("the relay stumbled and goes on")
                self._stop.wait(LOOK_EVERY_SECONDS)
        if self._ear:
            with contextlib.suppress(OSError):
                self._ear.close()

    def _wait(self, seconds: float) -> bool:
        if self._ear:
            return self._ear.wait(seconds)
        self._stop.wait(seconds)
        return False

    def _ask(self, *, look_around: bool = False) -> None:
        with self._send_lock:
            if transport.outstanding() < self._slots:
                work.delay(look_around=look_around)
            else:  # all are busy: one of them may have seen the empty table just before this job was committed
                self._missed.set()

    def _slot_became_free(self) -> None:
        if self._missed.is_set() and not self._stop.is_set():
            self._missed.clear()
            threading.Thread(target=self._ask, daemon=True).start()  # not in Celery's own thread, which acknowledges


def run_for_cluster(stop: threading.Event) -> None:
    """The relay of a cluster: ask once for each due job, a few ahead, until `stop` is set. Survives an absent broker or
    database: it says so and tries again. Any number may run; a message too many finds nothing to do."""
    ear = open_ear()
    next_look = 0.0
    pause = CLUSTER_POLL_SECONDS
    while not stop.is_set():
        try:
            close_old_connections()
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + LOOK_EVERY_SECONDS
                _publish(look_around=True)
            for _ in range(min(jobs.count_due(), CLUSTER_AHEAD)):
                _publish()
            pause = CLUSTER_POLL_SECONDS
        except Exception as error:  # noqa: BLE001 - broker or database away
            log.warning("the relay cannot reach the broker or the database (%s), next try in %.1f s", error, pause)
            pause = min(pause * 2, 10)
        if ear:
            ear.wait(pause)
        else:
            stop.wait(pause)
    if ear:
        ear.close()


def _publish(*, look_around: bool = False) -> None:
    work.apply_async(kwargs={"look_around": look_around}, expires=MESSAGE_EXPIRES_SECONDS, retry=False)
