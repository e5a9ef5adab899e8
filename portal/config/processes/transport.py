"""A broker inside the worker process: kombu's memory transport, but driven by the worker's event loop instead of polling.

It carries wake-up messages from the relay thread to the consumer of the same process and knows how many are on their way.
Nothing in it needs to survive. Being driven by the loop also gives Celery's pool one pipe for each child: with the shared
pipe that it uses otherwise, a child that is killed while it waits takes the lock of all others with it (seen).
"""

import contextlib
import os
import threading
from collections.abc import Callable
from queue import Empty
from typing import Any

from kombu.transport import memory

_count_lock = threading.Lock()
_outstanding = 0
_on_done: Callable[[], None] | None = None
_bell_read, _bell_write = os.pipe()
os.set_blocking(_bell_read, False)
os.set_blocking(_bell_write, False)


def outstanding() -> int:
    """Messages that were sent and not yet acknowledged or rejected."""
    return _outstanding


def set_on_done(callback: Callable[[], None] | None) -> None:
    """Set what is called, in the thread that acknowledges, when a message is done with."""
    global _on_done
    _on_done = callback


def ring() -> None:
    """Make the event loop look, from any thread."""
    with contextlib.suppress(BlockingIOError):  # the pipe is full, so it looks anyway
        os.write(_bell_write, b"!")


def _count(change: int) -> None:
    global _outstanding
    with _count_lock:
        _outstanding += change
    ring()
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
    """The memory transport for Celery's event loop."""

    Channel = Channel
    implements = memory.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have the loop call us when something was put, acknowledged or rejected."""
        loop.add_reader(_bell_read, self._deliver_all)

    def _deliver_all(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(_bell_read, 4096):
                pass
        with contextlib.suppress(Empty):  # nothing left, or the consumer has as many as it may
            while True:
                self.cycle.get(self._deliver)
