"""The clock for plugins. Functions of our own, because migrations write down where a default lives."""

from __future__ import annotations

import datetime as dt

from portal.ground import clock

BUSINESS_ZONE = clock.BUSINESS_ZONE


def now() -> dt.datetime:
    """The present instant, aware, UTC."""
    return clock.now()


def today() -> dt.date:
    """Today's date in Asia/Shanghai."""
    return clock.today()
