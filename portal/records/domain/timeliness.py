"""Was it entered when it happened? Late and bulk entry, worked out from the seals, for the superior."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator
from typing import Final

from portal.records.models import Seal

IN_BULK: Final = dt.timedelta(seconds=60)
_PART = 500


@dataclasses.dataclass(frozen=True)
class Timeliness:
    """What was entered in one chain in a period. `with_due_day` of the `entries` had a day until which entering was in time,
    `late` of those came after it, by `days_late` in the mean; `in_bulk` were put in by one person within a minute of another."""

    chain: str
    entries: int
    with_due_day: int
    late: int
    days_late: float
    in_bulk: int

    @property
    def late_share(self) -> float | None:
        """Share (0 to 1) entered after the due day; None when nothing had one."""
        return self.late / self.with_due_day if self.with_due_day else None

    @property
    def bulk_share(self) -> float:
        """Share (0 to 1) entered in bulk."""
        return self.in_bulk / self.entries if self.entries else 0.0


def timeliness_of(chains: Collection[str], *, since: dt.date, until: dt.date) -> list[Timeliness]:
    """The figures of each chain that has first versions entered from `since` to `until` (both included), worst first."""
    found = [_figures(chain, rows) for chain, rows in _by_chain(chains, since, until)]
    return sorted(found, key=lambda row: (-(row.late_share or 0), -row.bulk_share, -row.entries))


Row = tuple[str, str, dt.datetime, dt.date, dt.date | None]


def _by_chain(chains: Collection[str], since: dt.date, until: dt.date) -> Iterator[tuple[str, list[Row]]]:
    """First versions only: a correction is an entry of its own day, and no sign of late work."""
    seals = Seal.objects.filter(version=1, entered_on__gte=since, entered_on__lte=until)
    wanted = sorted(chains)
    for start in range(0, len(wanted), _PART):
        rows = (
            seals.filter(chain__in=wanted[start : start + _PART])
            .order_by("chain", "entered_by", "entered_at")
            .values_list("chain", "entered_by", "entered_at", "entered_on", "due_on")
        )
        held: list[Row] = []
        for row in rows.iterator(chunk_size=5000):
            if held and held[0][0] != row[0]:
                yield held[0][0], held
                held = []
            held.append(row)
        if held:
            yield held[0][0], held


def _figures(chain: str, rows: list[Row]) -> Timeliness:
    late = [(entered - due).days for _chain, _by, _at, entered, due in rows if due is not None and entered > due]
    near = [False] * len(rows)
    for place in range(1, len(rows)):
        before, row = rows[place - 1], rows[place]
        if row[1] == before[1] and row[2] - before[2] <= IN_BULK:
            near[place] = near[place - 1] = True
    return Timeliness(
        chain=chain,
        entries=len(rows),
        with_due_day=sum(1 for row in rows if row[4] is not None),
        late=len(late),
        days_late=sum(late) / len(late) if late else 0.0,
        in_bulk=sum(near),
    )
