"""One order for equal scores, as Elasticsearch sorts by itself: score, rounded to what single precision can tell apart, then the hash of the row's key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Address = TypeVar("Address")
_MARGIN = 20
_MOST = 5_000


def rounded(score: float) -> float:
    """A score to six significant digits."""
    return float(f"{score:.6g}")


def in_order(
    fetch: Callable[[int], list[tuple[float, int, Address]]], first: int, count: int, *, exact: bool = False
) -> list[tuple[float, int, Address]]:
    """Ranks `first` to `first + count` of what `fetch(limit)` gives best first as (score, tie, address).

    `exact` takes scores as they are: a date has more digits than a score. The engine breaks ties as it likes, so a group of equal scores at the edge is fetched to its end (up to a limit).
    """
    same = float if exact else rounded
    wanted = first + count
    limit = wanted + _MARGIN
    while True:
        found = fetch(limit)
        if len(found) < limit or limit >= _MOST or same(found[-1][0]) < same(found[wanted - 1][0]):
            ordered = sorted(found, key=lambda item: (-same(item[0]), item[1]))
            return ordered[first:wanted]
        limit = min(limit * 4, _MOST)
