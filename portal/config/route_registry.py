"""Every address of the site with the right it asks for: what the tests of rights compare with `docs/operators/rights.md`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

from portal.ground.rights import declared_right
from portal.organisations.admin_gate import route_for

OPEN = "open"
_MODULES_OPEN = ("django.views.static", "django.views.i18n")


@dataclasses.dataclass(frozen=True)
class Route:
    """One address: its pattern, the name it is reversed by, its view, and the right it asks for (None: nobody said)."""

    pattern: str
    name: str
    view: Any
    right: str | None

    @property
    def in_administration(self) -> bool:
        """Whether it lies behind the gate of the administration."""
        return self.pattern.startswith("admin/")


def all_routes() -> Iterator[Route]:
    """Every address, in the order in which Django tries them."""
    for pattern, name, view in _walk(get_resolver(), "", ()):
        yield Route(pattern, name, view, _right(pattern, name, view))


def _walk(resolver: Any, prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    for part in resolver.url_patterns:
        where = f"{prefix}{part.pattern}"
        if isinstance(part, URLPattern):
            yield where, ":".join((*spaces, part.name or "")), part.callback
        else:
            yield from _walk(part, where, (*spaces, part.namespace) if part.namespace else spaces)


def _right(pattern: str, name: str, view: Any) -> str | None:
    if pattern.startswith("admin/") and (route := route_for(name)) is not None:
        return route.right
    if (declared := declared_right(view)) is not None:
        return declared
    module = str(getattr(getattr(view, "view_class", view), "__module__", ""))
    return OPEN if module.startswith(_MODULES_OPEN) else None
