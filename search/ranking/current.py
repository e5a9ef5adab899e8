"""The learned ranking in use."""

from __future__ import annotations

from search.ranking.learned import Learned

_NOTHING = Learned()


def current_learned() -> Learned:
    """What was learned and switched on; nothing when nothing was."""
    return _NOTHING
