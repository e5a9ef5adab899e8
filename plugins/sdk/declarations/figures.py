"""Figures that a plugin adds to the page of statistics."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal

from plugins.sdk.contexts import TileContext
from plugins.sdk.declarations.base import Labelled


@dataclasses.dataclass(frozen=True)
class Figure:
    """What a tile shows: the value, a sentence below it, the change against the period before (in the tile's unit), and the
    address where the records behind it can be read."""

    value: int | float | Decimal | str
    note: str = ""
    trend: int | float | Decimal | None = None
    url: str = ""


TileValue = Callable[[TileContext], Figure | None]


@dataclasses.dataclass(frozen=True)
class Tile(Labelled):
    """A figure on the page of statistics. `value(TileContext)` gives a `Figure`, or None for no tile today. A tile that fails
    stays, and says that it is not available for now."""

    code: str
    label: str
    value: str | TileValue
    label_en: str = ""
    unit: str = ""
    needs: str = ""
    order: int = 100
    unit_en: str = ""
