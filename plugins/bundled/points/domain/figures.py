"""What members earned, as a figure."""

from __future__ import annotations

import datetime as dt

from django.db.models import Case, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from plugins.bundled.points.models import Account, Transfer
from plugins.sdk import BUSINESS_ZONE, Figure, TileContext, today


def points_this_month(_context: TileContext) -> Figure:
    """Points given this month, less what was taken back, against the whole month before: one query."""
    first = today().replace(day=1)
    before = (first - dt.timedelta(days=1)).replace(day=1)
    this, last = _start(first), _start(before)
    signed = Case(
        When(debit__code=Account.ISSUER, then=F("amount")),
        When(credit__code=Account.ISSUER, then=Value(-1) * F("amount")),
        default=Value(0),
        output_field=IntegerField(),
    )
    sums = (
        Transfer.objects.filter(occurred_at__gte=last)
        .annotate(signed=signed)
        .aggregate(
            now=Coalesce(Sum("signed", filter=Q(occurred_at__gte=this)), 0),
            before=Coalesce(Sum("signed", filter=Q(occurred_at__lt=this)), 0),
        )
    )
    return Figure(
        sums["now"], note=_("上月共 %(sum)s 分") % {"sum": sums["before"]}, trend=sums["now"] - sums["before"]
    )


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BUSINESS_ZONE)
