"""Disclosed items between sites: what a unit made public goes along with its register, to be read above as well. Drafts stay at home."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from plugins.bundled.disclosure.models import Category, Item
from plugins.sdk import ExportContext, LoadContext, Refusal
from portal.public import facts

PUBLIC = (Item.State.PUBLISHED, Item.State.EXPIRED)
SCOPES = ("public", "members", "organisation")
_LENGTHS = {"title": 120, "category": 60, "body": 20_000, "period": 60}


def rows(context: ExportContext) -> Iterator[dict[str, Any]]:
    """The items of these organisations that are or were public."""
    items = Item.objects.select_related("category", "owner_organisation").order_by("uid")
    if context.only is not None:
        items = items.filter(uid__in=context.only, owner_organisation__isnull=False)
    else:
        items = items.filter(owner_organisation__uid__in=context.organisation_uids, state__in=PUBLIC)
    scopes: dict[int | None, str] = {}
    for item in items.iterator(chunk_size=500):
        if item.audience_id not in scopes:
            scopes[item.audience_id] = facts.scope_of(item.audience_id)
        yield {
            "uid": str(item.uid),
            "organisation": str(item.owner_organisation.uid),
            "title": item.title,
            "category": item.category.name,
            "body": item.body,
            "period": item.period,
            "publish_on": item.publish_on.isoformat(),
            "expires_on": item.expires_on.isoformat() if item.expires_on else None,
            "state": item.state,
            "published_at": item.published_at.isoformat() if item.published_at else None,
            "scope": scopes[item.audience_id],
            "secrecy": item.secrecy,
        }


def check(row: Mapping[str, Any]) -> None:
    """Raises Refusal for what cannot be an item."""
    for name, longest in _LENGTHS.items():
        if not isinstance(row[name], str) or len(row[name]) > longest:
            raise Refusal(_("“%(field)s”不是文字，或者太长。") % {"field": name})
    if not row["title"].strip() or not row["category"].strip():
        raise Refusal(_("公开事项要有标题和类别。"))
    if row["state"] not in PUBLIC or row["scope"] not in SCOPES:
        raise Refusal(_("状态或可见范围不是公开事项所有的。"))
    if not isinstance(row["secrecy"], int) or isinstance(row["secrecy"], bool) or not 0 <= row["secrecy"] <= 3:
        raise Refusal(_("密级不合规定。"))
    begins, ends = _day(row["publish_on"]), _day(row["expires_on"])
    if begins is None or (ends is not None and ends < begins):
        raise Refusal(_("公开日期不合规定。"))
    if row["published_at"] is not None:
        _instant(row["published_at"])


def load(context: LoadContext) -> None:
    """Write them as they were. Who proposed and checked stays with the site where it happened."""
    owners = facts.organisation_ids({row["organisation"] for row in context.rows})
    items = {str(item.uid): item for item in Item.objects.filter(uid__in=[row["uid"] for row in context.rows])}
    categories = {category.name: category for category in Category.objects.all()}
    audiences: dict[tuple[str, int], int] = {}
    for row in context.rows:
        owner = owners.get(uuid.UUID(row["organisation"]))
        if owner is None:
            raise Refusal(_("“%(title)s”所属的组织没有导入。") % {"title": row["title"]})
        if row["category"] not in categories:
            categories[row["category"]] = Category.objects.create(name=row["category"])
        item = items.get(row["uid"]) or Item(uid=row["uid"])
        if item.pk is None or facts.scope_of(item.audience_id) != row["scope"]:
            where = (row["scope"], owner)
            if where not in audiences:
                audiences[where] = facts.audience_id_of_scope(*where)
            item.audience_id = audiences[where]
        item.owner_organisation_id = owner
        item.category = categories[row["category"]]
        for name in ("title", "body", "period", "state", "secrecy"):
            setattr(item, name, row[name])
        item.publish_on, item.expires_on = _day(row["publish_on"]), _day(row["expires_on"])
        item.published_at = _instant(row["published_at"]) if row["published_at"] is not None else None
        item.save()


def _day(text: Any) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise Refusal(_("日期不合规定。")) from None


def _instant(text: Any) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Refusal(_("日期不合规定。")) from None
    if found.tzinfo is None:
        raise Refusal(_("日期不合规定。"))
    return found
