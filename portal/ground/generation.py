"""Content generation: a number that every publicly visible change raises, in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F

from portal.ground.models import ContentGeneration

ALL_SITES = 0
KEPT_SECONDS = 3600


def raise_generation(site_id: int = ALL_SITES) -> None:
    """Raise the number of a site (or of all) in the open transaction, so that no cached page outlives the change."""
    with transaction.atomic():
        if not ContentGeneration.objects.filter(site_id=site_id).update(number=F("number") + 1):
            ContentGeneration.objects.get_or_create(site_id=site_id)


def current_generation() -> int:
    """The sum over all sites, read by one raw query on the kept connection: cheap enough for every cached hit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(number), 0) FROM ground_contentgeneration")
        row = cursor.fetchone()
    return int(row[0])


def kept_for_generation(name: str, make: Callable[[], Any], *, generation: int | None = None) -> Any:
    """What `make` gave when it was last called under this `name` in the present content generation (read here when it is not
    given: one query). For what is dear to count and changes only with content; `name` tells readers of different rights apart.
    """
    number = current_generation() if generation is None else generation
    return cache.get_or_set(f"{name}:{number}", make, KEPT_SECONDS)
