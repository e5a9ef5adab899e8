"""The learned ranking in use."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from search.ranking.asked import AskedBefore
from search.ranking.kept import InUse
from search.ranking.learned import Learned

_in_use = InUse()
_asked: Callable[[], AskedBefore | None] | None = None
_joined: tuple[AskedBefore, AskedBefore, AskedBefore] | None = None


def set_asked_before(supplier: Callable[[], AskedBefore | None]) -> None:
    """Set who knows what was asked before and what it led to. Called with every query."""
    global _asked
    _asked = supplier


def asked_before() -> AskedBefore | None:
    """What was asked before, from use; None when nobody knows or it is switched off."""
    return _asked() if _asked is not None else None


def current_learned() -> Learned:
    """What was learned and switched on; nothing when nothing was."""
    learned, asked = _in_use.learned(), asked_before()
    if asked is None:
        return learned
    return dataclasses.replace(learned, asked=asked if learned.asked is None else _both(learned.asked, asked))


def _both(kept: AskedBefore, used: AskedBefore) -> AskedBefore:
    """The questions that were learned from, and those asked since; made once for each pair."""
    global _joined
    known = _joined
    if known is None or known[0] is not kept or known[1] is not used:
        known = (kept, used, AskedBefore(dict.fromkeys([*kept.questions, *used.questions])))
        _joined = known
    return known[2]
