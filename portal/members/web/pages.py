"""Small things that all pages of this app share."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def crumbs(*steps: tuple[str, str] | tuple[str, str, Any]) -> list[dict[str, str]]:
    """(label, route) or (label, route, argument) of each step; the last one needs no route."""
    return [{"label": step[0], "url": reverse(step[1], args=step[2:]) if step[1] else ""} for step in steps]
