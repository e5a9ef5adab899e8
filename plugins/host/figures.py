"""The tiles of the page of statistics. One that fails stays, and says so; the others are not touched."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal
from functools import partial

from django.http import HttpRequest

from plugins.host.guard import Failed, Garbage, attempt, expect, guarded
from plugins.host.offers import allowed, offered
from plugins.host.sources import Source
from plugins.sdk import Figure, Tile, TileContext, text_in_language

TEXT_LENGTH = 40
NOTE_LENGTH = 120


@dataclasses.dataclass(frozen=True)
class RenderedTile:
    """A tile as a template needs it. `rises` is None without a trend or with one of zero."""

    key: str
    label: str
    unit: str = ""
    value: str = ""
    note: str = ""
    trend: str = ""
    rises: bool | None = None
    url: str = ""
    is_broken: bool = False


def tiles_of(request: HttpRequest) -> list[RenderedTile]:
    """The tiles that this person may see, by order."""
    tiles = []
    for source, tile in offered(request, "tiles"):
        if not guarded(source.name, f"needs:{tile.code}", partial(allowed, request, source, tile.needs)):
            continue
        key = f"{source.name}:{tile.code}"
        try:
            rendered = attempt(source.name, f"tile:{tile.code}", partial(_rendered, request, source, tile, key))
        except Failed:
            rendered = RenderedTile(key, tile.text, is_broken=True)
        if rendered is not None:
            tiles.append(rendered)
    return tiles


def _rendered(request: HttpRequest, source: Source, tile: Tile, key: str) -> RenderedTile | None:
    figure = source.load(tile.value)(TileContext(request=request))
    if figure is None:
        return None
    expect(Figure, figure, "the value of a tile")
    expect(str, figure.note, "note")
    return RenderedTile(
        key=key,
        label=tile.text,
        unit=text_in_language(tile.unit, tile.unit_en),
        value=_shown(figure.value),
        note=figure.note[:NOTE_LENGTH],
        trend="" if figure.trend is None else _shown(figure.trend, signed=True),
        rises=None if not figure.trend else figure.trend > 0,
        url=own_address(figure.url),
    )


def _shown(value: object, *, signed: bool = False) -> str:
    if isinstance(value, str) and not signed:
        return value[:TEXT_LENGTH]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise Garbage(f"{type(value).__name__} is no figure")
    rounded = value if isinstance(value, int) else round(value, 2)
    text = f"{rounded:,}"
    return f"+{text}" if signed and value > 0 else text


def own_address(url: object) -> str:
    """An address of this site or "". Raises Garbage for anything else."""
    expect(str, url, "an address")
    text = str(url)
    if text and (not text.startswith("/") or text.startswith(("//", "/\\"))):
        raise Garbage("an address must be a path of this site")
    return text
