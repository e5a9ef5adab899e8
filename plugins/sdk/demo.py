"""Demo data of plugins: each offers a loader, whoever fills a demo site calls them all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable


def _silent(_line: str) -> None:
    pass


@dataclasses.dataclass(frozen=True)
class DemoContext:
    """What a loader gets. `random` is seeded, so that two demo sites are alike; `report` shows one line to the operator.

    People and organisations are read through `portal.public.facts`.
    """

    today: dt.date
    random: random.Random
    report: Callable[[str], None] = _silent


Loader = Callable[[DemoContext], None]
_supplier: Callable[[], tuple[tuple[str, Loader], ...]] | None = None


def set_loaders(supplier: Callable[[], tuple[tuple[str, Loader], ...]]) -> None:
    """Set by the host, once."""
    global _supplier
    _supplier = supplier


def loaders() -> tuple[tuple[str, Loader], ...]:
    """Slug and loader of each loaded plugin that declares `demo`; loaders are safe to call again."""
    return _supplier() if _supplier else ()
