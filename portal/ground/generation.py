"""Content generation: a number that every publicly visible change raises, in its own transaction."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from portal.ground.models import ContentGeneration

ALL_SITES = 0


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
