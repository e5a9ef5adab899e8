"""Reads of the pages app."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min, Q

from portal.basepage.models import BasePage


def next_scheduled_change(after: dt.datetime) -> dt.datetime | None:
    """The next instant at which a page goes live or expires by its schedule, None when none is planned."""
    found = BasePage.objects.aggregate(
        appears=Min("go_live_at", filter=Q(go_live_at__gt=after)),
        ends=Min("expire_at", filter=Q(expire_at__gt=after, live=True)),
    )
    return min((moment for moment in found.values() if moment is not None), default=None)
