"""Values that are read once while something is answered: a page asks several parts of the portal, and each asks for the same row.

Nothing is kept between two answers, so a change counts with the next one, in every process.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Value = TypeVar("Value")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("ground_read_once", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """While open, `once` keeps what it reads."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(name: Hashable, read: Callable[[], Value]) -> Value:
    """What `read` gives; asked again only outside of `reading_once`, or after `forget`."""
    kept = _kept.get()
    if kept is None:
        return read()
    if name not in kept:
        kept[name] = read()
    value: Value = kept[name]
    return value


def forget(name: Hashable) -> None:
    """Read it anew: it was changed just now."""
    kept = _kept.get()
    if kept is not None:
        kept.pop(name, None)
