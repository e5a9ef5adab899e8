"""A broker inside the worker process: kombu's memory transport, but waiting for an event instead of polling.

It carries wake-up messages from the relay thread to the consumer of the same process (measured: commit to first line
2.6 ms at the median, 86 ms with the polling one) and knows how many are on their way. Nothing in it needs to survive.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from kombu.transport import memory

_something_happened = threading.Event()
_hurry = threading.Event()
_count_lock = threading.Lock()
_outstanding = 0
_on_done: Callable[[], None] | None = None


def outstanding() -> int:
    """Messages that were sent and not yet acknowledged or rejected."""
    return _outstanding


def set_on_done(callback: Callable[[], None] | None) -> None:
    """Set what is called, in the thread that acknowledges, when a message is done with."""
    global _on_done
    _on_done = callback


def hurry() -> None:
    """Make `drain_events` come back at once from now on: the worker is stopping."""
    _hurry.set()
    _something_happened.set()


def _count(change: int) -> None:
    global _outstanding
    with _count_lock:
        _outstanding += change
    _something_happened.set()
    if change < 0 and _on_done:
        _on_done()


class Channel(memory.Channel):
    """The memory channel that tells of puts, acknowledgements and rejections."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        _count(+1)

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple=multiple)
        _count(-1)

    def basic_reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue=requeue)  # a requeued one is put, and so counted, again
        _count(-1)


class Transport(memory.Transport):
    """The memory transport whose `drain_events` sleeps until something happened."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver one message. Raises `socket.timeout` (TimeoutError) when none came within `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            _something_happened.clear()  # before looking, so that what happens meanwhile is not missed
            with contextlib.suppress(Empty):
                self.cycle.get(self._deliver, timeout=timeout)
                return
            left = None if until is None else until - time.monotonic()
            if _hurry.is_set() or (left is not None and left <= 0):
                raise TimeoutError
            _something_happened.wait(left)
