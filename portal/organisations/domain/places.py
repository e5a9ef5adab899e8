"""Where organisations are: a drawn plan of their coordinates, without any map of others."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from decimal import Decimal

from portal.organisations.models import Organisation

WIDTH, HEIGHT, MARGIN = 1000.0, 640.0, 60.0
SHOWN_AT_MOST = 2000
CLOSE = 34.0
"""Places nearer than this on the plan share one dot, so that each can be hit with a finger."""
KM_PER_DEGREE = 111.32
SMALLEST_KM = 0.2
"""A plan shows at least this much, so that one house does not fill it."""


@dataclasses.dataclass
class Dot:
    """A dot on the plan: where it is drawn, and who is there."""

    number: int
    x: float
    y: float
    organisations: list[Organisation]


@dataclasses.dataclass(frozen=True)
class Plan:
    """Dots within WIDTH × HEIGHT, the north above. `scale_km` is drawn `scale_length` long. `cut` organisations were too many."""

    dots: list[Dot]
    scale_km: float
    scale_length: float
    placed: int
    unplaced: int
    cut: int


def plan_of(below: Organisation | None = None) -> Plan:
    """The current organisations that have a place, all or those of one subtree. Two queries."""
    rows = Organisation.objects.current()
    if below is not None:
        rows = rows.within([below])
    placed = rows.filter(latitude__isnull=False)
    found = list(placed[: SHOWN_AT_MOST + 1])
    everybody = rows.count()
    number = len(found) if len(found) <= SHOWN_AT_MOST else placed.count()
    dots, km_per_unit = draw(found[:SHOWN_AT_MOST])
    scale_km = _round_length(WIDTH / 4 * km_per_unit)
    return Plan(dots, scale_km, scale_km / km_per_unit, number, everybody - number, max(0, number - SHOWN_AT_MOST))


def draw(rows: Sequence[Organisation]) -> tuple[list[Dot], float]:
    """Dots for organisations that have a place, and how many kilometres a unit of the plan is."""
    if not rows:
        return [], SMALLEST_KM / WIDTH
    latitudes = [float(row.latitude or Decimal()) for row in rows]
    longitudes = _unbroken([float(row.longitude or Decimal()) for row in rows])
    middle_lat = (min(latitudes) + max(latitudes)) / 2
    middle_lon = (min(longitudes) + max(longitudes)) / 2
    shrink = max(math.cos(math.radians(middle_lat)), 0.01)  # a degree of longitude is shorter away from the equator
    wide = (max(longitudes) - min(longitudes)) * shrink * KM_PER_DEGREE
    high = (max(latitudes) - min(latitudes)) * KM_PER_DEGREE
    km_per_unit = max(wide / (WIDTH - 2 * MARGIN), high / (HEIGHT - 2 * MARGIN), SMALLEST_KM / WIDTH)
    dots: list[Dot] = []
    cells: dict[tuple[int, int], list[Dot]] = {}
    for row, latitude, longitude in zip(rows, latitudes, longitudes, strict=True):
        x = WIDTH / 2 + (longitude - middle_lon) * shrink * KM_PER_DEGREE / km_per_unit
        y = HEIGHT / 2 - (latitude - middle_lat) * KM_PER_DEGREE / km_per_unit
        column, line = int(x // CLOSE), int(y // CLOSE)
        around = [dot for dx in (-1, 0, 1) for dy in (-1, 0, 1) for dot in cells.get((column + dx, line + dy), ())]
        near = min(around, key=lambda dot: math.hypot(dot.x - x, dot.y - y), default=None)
        if near is not None and math.hypot(near.x - x, near.y - y) < CLOSE:
            near.organisations.append(row)
            continue
        dot = Dot(len(dots) + 1, round(x, 1), round(y, 1), [row])
        dots.append(dot)
        cells.setdefault((column, line), []).append(dot)
    return dots, km_per_unit


def _unbroken(longitudes: list[float]) -> list[float]:
    """Longitudes that do not jump at the date line."""
    if max(longitudes) - min(longitudes) <= 180:
        return longitudes
    return [value + 360 if value < 0 else value for value in longitudes]


def _round_length(km: float) -> float:
    """The longest of 1, 2, 5, 10, 20 … that is no longer."""
    power = 10.0 ** math.floor(math.log10(km))
    return max(step * power for step in (1, 2, 5) if step * power <= km * 1.0000001)


def tops_to_choose() -> list[Organisation]:
    """The two highest levels, to narrow the plan to."""
    return list(Organisation.objects.current().filter(depth__lte=2)[:300])
