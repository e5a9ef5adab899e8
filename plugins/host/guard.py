"""Calling a plugin so that nothing it does reaches the page: its exceptions, its SQL errors, what it returns, its time, its
half-open transactions and the language it leaves behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation

from plugins.host import faults

Value = TypeVar("Value")

SECONDS = 1.0
"""What a call may take unless its point has a budget of its own."""

BUDGETS = {
    "menu": 0.1,
    "needs": 0.1,
    "slot": 0.5,
    "column": 0.5,
    "action": 0.1,
    "tile": 2.0,
    "validator": 3.0,
    "api": 5.0,
}
"""Seconds by the first word of a point."""

_monotonic = time.monotonic


class TooSlow(Exception):
    """A contribution took longer than its budget, which counts as a fault; what it gave is still used."""


class Garbage(TypeError):
    """A contribution gave something of another type than its declaration promises."""


class Leak(Exception):
    """A contribution left a transaction open; it was rolled back."""


class Standing:
    """What a call must leave as it found it: the transaction and the language of this thread. Taken once for calls that follow
    each other, because each look-up of a thread's own things costs as much as a small call."""

    __slots__ = ("in_transaction", "language", "link")

    def __init__(self) -> None:
        self.link: BaseDatabaseWrapper = connections[DEFAULT_DB_ALIAS]
        self.in_transaction = self.link.in_atomic_block
        self.language = translation.get_language()

    def call(self, call: Callable[[], Value]) -> Value:
        """Its value, within a savepoint where a transaction is open."""
        if not self.in_transaction:
            return call()
        with transaction.atomic():
            return call()

    def restore(self) -> bool:
        """Take back what a call left behind; whether it was a transaction."""
        if translation.get_language() != self.language:
            if self.language is None:
                translation.deactivate_all()
            else:
                translation.activate(self.language)
        link = self.link
        if self.in_transaction or (not link.in_atomic_block and link.autocommit) or link.connection is None:
            return False
        link.in_atomic_block = False
        link.savepoint_ids = []
        link.needs_rollback = False
        link.close()
        return True


def guarded(slug: str, point: str, call: Callable[[], Value], standing: Standing | None = None) -> Value | None:
    """What `call` gives, or None when it raises or its breaker is open. Writes nothing but faults.

    An SQL error inside an open transaction is undone by a savepoint, so that the page's own queries go on.
    """
    try:
        return attempt(slug, point, call, standing=standing)
    except Failed:
        return None


def in_worker(slug: str, point: str, call: Callable[[], object], *, seconds: float) -> None:
    """Call a handler or a task. What it raises is recorded and raised again, so that the outbox tries later or the run counts as
    failed; so is a transaction left open, whose effect is lost. More than `seconds` is recorded, and the effect stays."""
    standing = Standing()
    started = _monotonic()
    try:
        standing.call(call)
    except SystemExit as error:
        standing.restore()
        faults.record(slug, point, error)
        raise Leak("it tried to end the worker") from error
    except Exception as error:
        standing.restore()
        faults.record(slug, point, error)
        raise
    taken = _monotonic() - started
    if standing.restore():
        leak = Leak("a transaction was left open, so what was written is lost")
        faults.record(slug, point, leak)
        raise leak
    if taken > seconds:
        faults.record(slug, point, TooSlow(f"{taken:.1f} s of {seconds:g} s"))
    else:
        faults.succeeded(slug, point)


class Failed(Exception):
    """The call gave nothing: it failed (recorded), or it is not asked for now."""


def attempt(
    slug: str,
    point: str,
    call: Callable[[], Value],
    *,
    let: tuple[type[Exception], ...] = (),
    standing: Standing | None = None,
) -> Value:
    """As `guarded`, but raises Failed instead of giving None; exceptions in `let` pass through and are no fault."""
    if faults.is_open(slug, point):
        raise Failed
    standing = standing or Standing()
    started = _monotonic()
    try:
        value = standing.call(call)
    except let:
        _finish(slug, point, _monotonic() - started, leaked=standing.restore())
        raise
    except (Exception, SystemExit) as error:
        standing.restore()
        faults.record(slug, point, error)
        raise Failed from error
    _finish(slug, point, _monotonic() - started, leaked=standing.restore())
    return value


def _finish(slug: str, point: str, taken: float, *, leaked: bool) -> None:
    if leaked:
        faults.record(slug, point, Leak("a transaction was left open"))
    elif taken > BUDGETS.get(point.partition(":")[0], SECONDS):
        faults.record(slug, point, TooSlow(f"{taken:.1f} s"))
    else:
        faults.succeeded(slug, point)


def expect(kind: type | tuple[type, ...], value: object, what: str) -> None:
    """Raise Garbage unless `value` is of that kind."""
    if not isinstance(value, kind):
        names = " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
        raise Garbage(f"{what} must be {names}, not {type(value).__name__}")
