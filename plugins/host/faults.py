"""What plugins did wrong: logged, counted and shown to staff, never to readers. A point that fails again and again is
left alone for a while, so that it costs readers nothing."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from plugins.host.models import PluginFault
from portal.ground.clock import now

log = logging.getLogger(__name__)
Value = TypeVar("Value")

FAULTS_TO_OPEN = 5
OPEN_SECONDS = 60.0
SLOW_SECONDS = 1.0
TRACE_LENGTH = 8000


class TooSlow(Exception):
    """A contribution took so long that it counts as a fault; what it gave is still used."""


_monotonic = time.monotonic
_lock = threading.Lock()
_in_a_row: dict[tuple[str, str], int] = {}
_open_until: dict[tuple[str, str], float] = {}


def is_open(slug: str, point: str) -> bool:
    """Whether the point failed so often in this process that it is skipped for now."""
    until = _open_until.get((slug, point))
    return until is not None and _monotonic() < until


def forget_breakers() -> None:
    """Ask every point again at once: after a plugin was switched, and between tests."""
    with _lock:
        _in_a_row.clear()
        _open_until.clear()


def record(slug: str, point: str, error: BaseException) -> None:
    """Log and count a fault, and open the breaker after `FAULTS_TO_OPEN` in a row. Never raises."""
    log.error("plugin %s failed in %s", slug, point, exc_info=error)
    key = (slug, point)
    with _lock:
        _in_a_row[key] = _in_a_row.get(key, 0) + 1
        if _in_a_row[key] >= FAULTS_TO_OPEN:
            _open_until[key] = _monotonic() + OPEN_SECONDS
            _in_a_row[key] = FAULTS_TO_OPEN - 1  # after the pause one more fault opens it again
    text = "".join(traceback.format_exception(error))[-TRACE_LENGTH:]
    summary = f"{type(error).__name__}: {error}"[:500]
    try:
        with transaction.atomic():
            changed = PluginFault.objects.filter(slug=slug, point=point).update(
                count=F("count") + 1, error=summary, trace=text, last_at=now()
            )
            if not changed:
                PluginFault.objects.create(slug=slug, point=point, error=summary, trace=text)
    except DatabaseError:
        log.warning("the fault of plugin %s in %s could not be stored", slug, point, exc_info=True)


def guarded(slug: str, point: str, call: Callable[[], Value]) -> Value | None:
    """What `call` gives, or None when it raises or the breaker is open. An SQL error inside an open transaction is undone by
    a savepoint, so that the page's own queries go on."""
    if is_open(slug, point):
        return None
    started = _monotonic()
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            value = call()
    except Exception as error:  # noqa: BLE001 - `record` logs it
        record(slug, point, error)
        return None
    taken = _monotonic() - started
    if taken > SLOW_SECONDS:
        record(slug, point, TooSlow(f"{taken:.1f} s"))
    elif (slug, point) in _in_a_row:
        with _lock:
            _in_a_row.pop((slug, point), None)
    return value


def clear_faults(slug: str) -> int:
    """Forget the recorded faults of a plugin, once staff have dealt with them; how many points had any."""
    forget_breakers()
    return PluginFault.objects.filter(slug=slug).delete()[0]
