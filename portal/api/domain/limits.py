"""How often one caller may ask: counted by the minute in the cache."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache

MINUTE = 60


class TooOften(Exception):
    """The caller's requests of this minute are used up. `seconds` says how long to wait, 1 to 60."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def count_request(caller: str, *, known: bool) -> None:
    """Count a request of `caller` (a token, a person or an address). Raises TooOften beyond `API_RATE_PER_MINUTE`, or
    `API_ANONYMOUS_RATE_PER_MINUTE` for somebody who is not `known`. 0 sets no limit.

    On a single machine each web process counts for itself; in a cluster all count together in Redis.
    """
    allowed = settings.API_RATE_PER_MINUTE if known else settings.API_ANONYMOUS_RATE_PER_MINUTE
    if not allowed:
        return
    moment = time.time()
    key = f"api:{caller}:{int(moment // MINUTE)}"
    cache.add(key, 0, MINUTE + 5)
    try:
        used = cache.incr(key)
    except ValueError:  # it went between the two: the cache was emptied
        return
    if used > allowed:
        raise TooOften(max(1, MINUTE - int(moment % MINUTE)))
