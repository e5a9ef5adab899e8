"""What kinds of jobs exist and what each does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

LEASE_SECONDS = 60


class UnknownJobKind(LookupError):
    """No code in this process knows the kind: its app or plugin is not loaded."""


@dataclasses.dataclass(frozen=True)
class JobKind:
    """`run(context, **payload)` does the work; `lease_seconds` is how long silence is allowed before another takes over;
    `heavy` work (minutes of all cores) leaves at least one worker process free for the rest; `atomic` work takes effect once."""

    name: str
    run: Callable[..., None]
    lease_seconds: int
    max_attempts: int
    heavy: bool = False
    atomic: bool = False


_kinds: dict[str, JobKind] = {}
_periods: dict[str, int] = {}


def job_kind(
    name: str,
    *,
    lease_seconds: int = LEASE_SECONDS,
    max_attempts: int = 3,
    heavy: bool = False,
    atomic: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare the function that does jobs of this kind. It is called as `run(context, **payload)`, may be called again after
    a crash, and so must be safe to repeat. Declare `heavy` what runs for minutes, such as the encoding of a video.

    An `atomic` kind writes to the database alone and takes a few seconds at most: it runs in one transaction with the check
    of its claim, so that its effect is there exactly once, whoever is killed. It has no heartbeat.
    """

    def register(run: Callable[..., None]) -> Callable[..., None]:
        _kinds[name] = JobKind(name, run, lease_seconds, max_attempts, heavy, atomic)
        return run

    return register


def periodic(name: str, *, every_seconds: int) -> None:
    """Have the relay queue a job of this kind (with an empty payload) every so many seconds, once in the whole cluster."""
    _periods[name] = every_seconds


def kinds() -> dict[str, JobKind]:
    """All declared kinds by name."""
    return dict(_kinds)


def periods() -> dict[str, int]:
    """Seconds between runs, by kind."""
    return dict(_periods)


def heavy_kinds() -> frozenset[str]:
    """The kinds declared heavy."""
    return frozenset(name for name, kind in _kinds.items() if kind.heavy)


def kind_named(name: str) -> JobKind:
    """The declared kind. Raises UnknownJobKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownJobKind(name) from None


def payload_of(value: Any) -> dict[str, Any]:
    """The payload as keyword arguments."""
    return dict(value or {})
