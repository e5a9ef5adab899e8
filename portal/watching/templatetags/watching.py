"""Times of videos in words."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def how_long(duration: dt.timedelta | None) -> str:
    """A duration in words: whole minutes, seconds below one minute, hours above sixty."""
    if duration is None:
        return ""
    seconds = round(duration.total_seconds())
    if seconds < 60:
        return ngettext("%(count)d 秒", "%(count)d 秒", seconds) % {"count": seconds}
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("%(count)d 分钟", "%(count)d 分钟", minutes) % {"count": minutes}
    return _("%(hours)d 小时 %(minutes)d 分钟") % {"hours": minutes // 60, "minutes": minutes % 60}
