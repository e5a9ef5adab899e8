"""The clock. Instants are aware and in UTC; business dates are dates in Asia/Shanghai."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """The present instant, aware, UTC."""
    return timezone.now()


def today() -> dt.date:
    """Today's date in Asia/Shanghai."""
    return now().astimezone(BUSINESS_ZONE).date()


def month_starts() -> tuple[dt.datetime, dt.datetime]:
    """When this month began, and when the one before did, in business time."""
    this = now().astimezone(BUSINESS_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return this, (this - dt.timedelta(days=1)).replace(day=1)
