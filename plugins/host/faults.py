"""What plugins did wrong: logged, counted and shown to staff, never to readers. A point that fails again and again is
left alone for a while by every process, so that it costs readers nothing; then one call tries it again.

The breaker lies in the fault's row. Opening and closing it raise the content generation, which every process reads with each
request: only then does a process read the rows again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import traceback

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from plugins.host.models import PluginFault
from portal.ground.clock import now
from portal.ground.generation import raise_generation

log = logging.getLogger(__name__)

FAULTS_TO_OPEN = 5
OPEN_SECONDS = 60
MOST_TRIPS = 6  # doublings of the pause: about an hour in the end
PROBE_SECONDS = 30
TRACE_LENGTH = 8000
SLUG_LENGTH, POINT_LENGTH, ERROR_LENGTH = 60, 120, 500

Key = tuple[str, str]

MOST_WAITING = 50

_lock = threading.Lock()
_local = threading.local()
_in_a_row: dict[Key, int] = {}  # what failed last time it was asked in this process
_open: dict[Key, dt.datetime] = {}  # until when nobody asks


def key_of(slug: str, point: str) -> Key:
    """Slug and point as they are kept."""
    return slug[:SLUG_LENGTH], point[:POINT_LENGTH]


def is_open(slug: str, point: str) -> bool:
    """Whether the point is skipped for now. Once its pause is over, the first caller of all processes may try it again; for
    the others it stays skipped a little longer."""
    if not _open:
        return False
    key = key_of(slug, point)
    until = _open.get(key)
    if until is None:
        return False
    if now() < until:
        return True
    return not _may_probe(key, until)


def _may_probe(key: Key, until: dt.datetime) -> bool:
    later = now() + dt.timedelta(seconds=PROBE_SECONDS)
    with _lock:
        if _open.get(key) != until:
            return False
        _open[key] = later
        _in_a_row[key] = FAULTS_TO_OPEN - 1  # one more fault opens it again
    try:
        taken = PluginFault.objects.filter(slug=key[0], point=key[1], open_until__lt=now()).update(open_until=later)
    except DatabaseError:
        return False
    return bool(taken)


def learn_open(found: dict[Key, dt.datetime]) -> None:
    """Take over what the rows say about open breakers."""
    with _lock:
        _open.clear()
        _open.update(found)


def forget_breakers() -> None:
    """Ask every point again at once, in this process: after a plugin was switched, and between tests."""
    with _lock:
        _in_a_row.clear()
        _open.clear()
    _waiting().clear()


def record(slug: str, point: str, error: BaseException) -> None:
    """Log and count a fault, and open the breaker after `FAULTS_TO_OPEN` in a row. Never raises."""
    log.error("plugin %s failed in %s", slug, point, exc_info=error)
    key = key_of(slug, point)
    with _lock:
        _in_a_row[key] = in_a_row = _in_a_row.get(key, 0) + 1
    store_lost()
    try:
        _store(key, error, in_a_row)
        if connection.in_atomic_block:
            _watch(key, error)
    except DatabaseError:
        log.warning("the fault of plugin %s in %s could not be stored", slug, point, exc_info=True)
        if in_a_row >= FAULTS_TO_OPEN:
            with _lock:
                _open[key] = now() + dt.timedelta(seconds=OPEN_SECONDS)


def _watch(key: Key, error: BaseException) -> None:
    """Remember a fault that is written in somebody else's transaction until that is committed."""
    entry = (key, error)
    waiting = _waiting()
    waiting.append(entry)
    del waiting[:-MOST_WAITING]
    transaction.on_commit(lambda: waiting.remove(entry) if entry in waiting else None, robust=True)


def store_lost() -> None:
    """Write again the faults of this thread whose transaction was rolled back: a refusal undoes what was to be done, and the
    fault behind it with it."""
    waiting = _waiting()
    if not waiting or connection.in_atomic_block:
        return
    lost, waiting[:] = list(waiting), []
    for key, error in lost:
        with contextlib.suppress(DatabaseError):
            _store(key, error, 1)


def _waiting() -> list[tuple[Key, BaseException]]:
    found: list[tuple[Key, BaseException]] = _local.__dict__.setdefault("waiting", [])
    return found


def _store(key: Key, error: BaseException, in_a_row: int) -> None:
    text = "".join(_parts(error))[-TRACE_LENGTH:].replace("\x00", "")
    summary = _summary(error).replace("\x00", "")[:ERROR_LENGTH]
    slug, point = key
    with transaction.atomic():
        rows = PluginFault.objects.filter(slug=slug, point=point)
        changed = rows.update(
            count=F("count") + 1, in_a_row=F("in_a_row") + 1, error=summary, trace=text, last_at=now()
        )
        if not changed:
            PluginFault.objects.create(slug=slug, point=point, error=summary, trace=text)
        row = rows.get()
        if max(in_a_row, row.in_a_row) < FAULTS_TO_OPEN:
            return
        until = now() + dt.timedelta(seconds=OPEN_SECONDS * 2 ** min(row.trips, MOST_TRIPS))
        rows.update(open_until=until, trips=F("trips") + 1, in_a_row=FAULTS_TO_OPEN - 1)
        raise_generation()
    with _lock:
        _open[key] = until


def _parts(error: BaseException) -> list[str]:
    try:
        return traceback.format_exception(error)
    except Exception as second:  # noqa: BLE001 - an error whose own text fails
        return [f"{type(error).__name__}, whose text cannot be shown: {type(second).__name__}"]


def _summary(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - see above
        return type(error).__name__


def succeeded(slug: str, point: str) -> None:
    """The point works (again): whatever it failed before counts no longer. Costs nothing for one that did not fail."""
    if not _in_a_row:
        return
    key = key_of(slug, point)
    if key not in _in_a_row:
        return
    with _lock:
        _in_a_row.pop(key, None)
        was_open = _open.pop(key, None) is not None
    with contextlib.suppress(DatabaseError), transaction.atomic():
        PluginFault.objects.filter(slug=key[0], point=key[1]).update(in_a_row=0, trips=0, open_until=None)
        if was_open:
            raise_generation()


def clear_faults(slug: str, point: str = "") -> int:
    """Forget the recorded faults of a plugin, or of one point of it, once staff have dealt with them, and ask it again at once
    in every process; how many points had any."""
    with transaction.atomic():
        rows = PluginFault.objects.filter(slug=slug)
        count: int = (rows.filter(point=point) if point else rows).delete()[0]
        raise_generation()
    forget_breakers()
    return count
