"""Small things that all pages of this app share."""

from __future__ import annotations

from django.urls import reverse


def crumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """(label, route) of each step; the last one needs no route."""
    return [{"label": label, "url": reverse(route) if route else ""} for label, route in steps]
