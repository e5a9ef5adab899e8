"""Telling people things, and what they have not read yet."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from portal.ground.clock import now
from portal.notices.models import Notice


class ForeignAddress(ValueError):
    """A notice may lead only to an address of this site."""


def notify(user: Any, key: str, title: str, url: str = "") -> Notice:
    """Tell a person something, once for each `key`: repeating it changes nothing, read or not.

    `url` is a path of this site or empty. Raises ForeignAddress. Writes Notice.
    """
    if url and (not url.startswith("/") or url.startswith(("//", "/\\"))):
        raise ForeignAddress(url)
    notice, _made = Notice.objects.get_or_create(user=user, key=key, defaults={"title": title[:200], "url": url})
    return notice


def unread_of(user: Any) -> QuerySet[Notice]:
    """What a person has not read yet, newest first."""
    return Notice.objects.filter(user=user, read_at__isnull=True).order_by("-made_at", "-pk")


def mark_read(user: Any) -> int:
    """Mark everything that a person was told as read; how many were unread. Safe to repeat."""
    return Notice.objects.filter(user=user, read_at__isnull=True).update(read_at=now())
