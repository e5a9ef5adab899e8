"""Every address says who may use it."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Addresses of packages that check rights themselves, by the module that their view lives in.
CHECKED_BY_THEIR_PACKAGE = {
    "wagtail": "Wagtail's administration: every view asks its permission policy, and ours is registered there",
    "django.views.static": "only served by the development server",
    "django.views.i18n": "the catalogue of interface texts holds nothing of anybody",
    "ninja": "the API declares its rights on each operation",
}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All addresses with their views."""
    for part in resolver.url_patterns:
        where = f"{prefix}{part.pattern}"
        if isinstance(part, URLPattern):
            yield where, part.callback
        else:
            yield from patterns(part, where)


def declared_right(view: Any) -> str | None:
    """What the view, its class or what a decorator wrapped declares."""
    while view is not None:
        for holder in (view, getattr(view, "view_class", None)):
            if right := getattr(holder, "required_right", None):
                return str(right)
        view = getattr(view, "__wrapped__", None)
    return None


def is_exempt(where: str, view: Any) -> bool:
    module = getattr(getattr(view, "view_class", view), "__module__", "")
    if where.startswith("admin/"):
        return True  # everything below is wrapped in Wagtail's require_admin_access by its own urlconf
    return any(module == name or module.startswith(f"{name}.") for name in CHECKED_BY_THEIR_PACKAGE)


def test_each_route_declares_a_right():
    silent = [
        f"{where} -> {getattr(view, '__module__', '?')}.{getattr(view, '__qualname__', view)}"
        for where, view in patterns(get_resolver())
        if declared_right(view) is None and not is_exempt(where, view)
    ]

    assert silent == []


def test_routes_are_found_at_all():
    """Guards the test above against walking nothing."""
    found = [where for where, view in patterns(get_resolver()) if declared_right(view)]

    assert len(found) >= 20
