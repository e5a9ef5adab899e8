"""Which contributions count for a request: those of the core apps and of the plugins that are on, by order, then by name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from plugins.host import registry, state
from plugins.host.sources import Source
from portal.ground.rights import may

Offers = tuple[tuple[Source, Any], ...]
MAX_KEPT = 500

_kept: dict[tuple[int, str, frozenset[str]], Offers] = {}


def offered(request: HttpRequest, point: str) -> Offers:
    """The contributions of a point ("cards") for this request's site."""
    return offered_by(point, state.active_slugs(request))


def offered_by(point: str, active: frozenset[str]) -> Offers:
    """The contributions of a point by core apps and these plugins. Worked out once for each set of plugins."""
    key = (registry.edition(), point, active)
    found = _kept.get(key)
    if found is None:
        items = [
            (source, item)
            for source in registry.sources()
            if source.plugin is None or source.name in active
            for item in getattr(source, point)
        ]
        found = tuple(sorted(items, key=lambda pair: (getattr(pair[1], "order", 100), pair[0].name)))
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[key] = found
    return found


def allowed(request: HttpRequest, source: Source, needs: str) -> bool:
    """Whether this person has the right that a declaration asks for."""
    return not needs or may(request.user, source.right(needs))
