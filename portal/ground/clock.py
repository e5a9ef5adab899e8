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
