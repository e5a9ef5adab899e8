"""Small makers of items."""

import datetime as dt

from plugins.bundled.disclosure.models import Category, Item
from portal.ground.clock import today
from portal.organisations.domain.audiences import members_audience


def make_item(owner=None, *, days=0, lasts=30, **fields):
    """An item that begins `days` from today and lasts `lasts` days (None: for ever)."""
    category, _ = Category.objects.get_or_create(name="党费收缴使用")
    begins = today() + dt.timedelta(days=days)
    return Item.objects.create(
        **{
            "title": "三季度党费公示",
            "category": category,
            "body": "应交的都已按月足额交纳。",
            "owner_organisation": owner,
            "audience": members_audience(),
            "publish_on": begins,
            "expires_on": begins + dt.timedelta(days=lasts) if lasts is not None else None,
            **fields,
        }
    )
