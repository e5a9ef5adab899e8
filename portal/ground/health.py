"""How the installation is: each app that can tell declares a check, the operator's page asks all of them.

A check is cheap (a few queries, no network), writes nothing and may raise: then it is itself shown as failed.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Literal

log = logging.getLogger(__name__)

State = Literal["good", "warning", "bad"]


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a check found: its state, a short value for people, and what to do about it when it is not good."""

    state: State
    value: str
    hint: str = ""


@dataclasses.dataclass(frozen=True)
class Check:
    """A named check; `label` gives its name in the language of the request."""

    name: str
    label: Callable[[], str]
    read: Callable[[], Reading]
    order: int = 100


_checks: dict[str, Check] = {}


def register_check(name: str, label: Callable[[], str], read: Callable[[], Reading], *, order: int = 100) -> None:
    """Declare a check; the same name again replaces it. Called in an `AppConfig.ready`."""
    _checks[name] = Check(name, label, read, order)


def checks() -> tuple[Check, ...]:
    """All checks by order, then name."""
    return tuple(sorted(_checks.values(), key=lambda check: (check.order, check.name)))


def readings() -> list[tuple[Check, Reading]]:
    """Every check with what it found now. One that fails is bad and says the kind of its error; the log has the rest."""
    found = []
    for check in checks():
        try:
            reading = check.read()
        except Exception as error:
            log.exception("health check %s failed", check.name)
            reading = Reading("bad", type(error).__name__)
        found.append((check, reading))
    return found
