"""A worker of a cluster hears again after its broker died while all its slots were busy.

A message whose acknowledgement fails stays in kombu's count of unacknowledged ones. When as many as are fetched ahead stay
there, the worker asks the broker for no more, so it never meets the dead connection and would wait for ever.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from celery.worker import state

LOOK_EVERY_SECONDS = 5.0


class Hearing(bootsteps.StartStopStep):
    """Looks every five seconds whether the worker has nothing to do and yet may not ask; then it connects anew."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        """Begin to look."""
        self._timer = consumer.timer.call_repeatedly(LOOK_EVERY_SECONDS, self.look, (consumer,))

    def stop(self, consumer: Any) -> None:
        """Look no more; a new connection begins anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self, consumer: Any) -> None:
        """Raise ConnectionError, at which Celery's loop connects anew, when messages are counted that nobody works on."""
        if not state.reserved_requests and not consumer.task_consumer.channel.qos.can_consume():
            raise ConnectionError("acknowledgements were lost with the broker")
