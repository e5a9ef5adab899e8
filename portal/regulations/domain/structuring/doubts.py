"""Where a doubt is: the unit that its line belongs to, and where that is after the text was cut anew."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from typing import Any

from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.structuring.rows import Row, positions_of, solid_ends_of
from portal.regulations.models import Provision


def row_of(doubt: Mapping[str, Any], provisions: Sequence[Provision], rows: Sequence[Row]) -> int | None:
    """The index of the row that a doubt speaks of; None for one about the whole file."""
    start = positions_of(provisions).get(doubt.get("path", ""))
    if start is None:
        return None
    words = solid(doubt.get("excerpt", ""))[:12]
    stop = min(start + 200, len(rows))
    return next((index for index in range(start, stop) if words and words in solid(rows[index].text)), start)


def relocated(
    doubts: Sequence[Mapping[str, Any]], old: Sequence[Provision], new: Sequence[Provision]
) -> list[dict[str, Any]]:
    """The doubts with the paths that their places have in `new`, which holds the same text as `old`."""
    ends = solid_ends_of(old)
    starts = {one.path: (ends[index - 1] if index else 0) for index, one in enumerate(old)}
    ends_of_new = solid_ends_of(new)
    found: list[dict[str, Any]] = []
    for doubt in doubts:
        moved = dict(doubt)
        if (start := starts.get(doubt.get("path", ""))) is not None and new:
            moved["path"] = new[min(bisect.bisect_right(ends_of_new, start), len(new) - 1)].path
        found.append(moved)
    return found
