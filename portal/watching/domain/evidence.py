"""What counts as watched: pure functions over spans of video time, in whole milliseconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

Span = tuple[int, int]

ALLOWED_RATE = 2
"""Fastest playback that counts in full."""
SLACK_MS = 3_000
"""What rounding and transport may add, once in a person's whole watching, never once a request."""
MAX_GAP = dt.timedelta(minutes=5)
"""Longest silence that a single beacon may account for: a lost connection, not a lunch break."""
MAX_CREDIT_MS = int(MAX_GAP.total_seconds() * 1000) * ALLOWED_RATE + SLACK_MS
DONE_PER_CENT = 95
END_TOLERANCE_MS = 1_000
"""How far a player's own duration may differ from the probed one."""


def union(spans: Iterable[Span]) -> list[Span]:
    """The same seconds as disjoint spans in order, touching ones joined."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def length_ms(spans: Iterable[Span]) -> int:
    """How much distinct video time the spans cover."""
    return sum(end - start for start, end in union(spans))


def credit_after(credit_ms: int, elapsed: dt.timedelta, *, limit_ms: int = MAX_CREDIT_MS) -> int:
    """What may be claimed after `elapsed` of server time (a clock that stepped back counts as none), at most `limit_ms`."""
    grown = max(0, int(elapsed.total_seconds() * 1000)) * ALLOWED_RATE
    return min(credit_ms + grown, max(limit_ms, 0))


def is_watched(watched_ms: int, duration_ms: int | None) -> bool:
    """Whether enough distinct time of a video of known length was seen. Unknown or zero length: never."""
    return bool(duration_ms) and watched_ms * 100 >= (duration_ms or 0) * DONE_PER_CENT
