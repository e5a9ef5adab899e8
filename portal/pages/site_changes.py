"""A site that gets another host, port or home page shows another frame: no cached page outlives the change."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.models import Site

from portal.ground.generation import raise_generation


def connect() -> None:
    """Raise the content generation with every change of a site."""
    for signal in (post_save, post_delete):
        signal.connect(_changed, sender=Site, dispatch_uid=f"pages.site_changes.{id(signal)}")


def _changed(sender: Any, **kwargs: Any) -> None:
    if not kwargs.get("raw"):
        raise_generation()
