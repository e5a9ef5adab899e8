"""What plugins and core apps may ask the host while running. The host fills it; until then nothing is active."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from plugins.sdk.declarations import PointRule

_is_active: Callable[[str, Any], bool] | None = None
_point_rules: Callable[[], Iterable[tuple[str, PointRule]]] | None = None


def set_host(
    *, is_active: Callable[[str, Any], bool], point_rules: Callable[[], Iterable[tuple[str, PointRule]]]
) -> None:
    """Set by the host, once."""
    global _is_active, _point_rules
    _is_active = is_active
    _point_rules = point_rules


def is_active(slug: str, request: Any = None) -> bool:
    """Whether a plugin is switched on for the site of `request`, or on any site without a request."""
    return _is_active(slug, request) if _is_active else False


def point_rules() -> tuple[tuple[str, PointRule], ...]:
    """The point rules of all loaded plugins, each with the slug of its plugin."""
    return tuple(_point_rules()) if _point_rules else ()
