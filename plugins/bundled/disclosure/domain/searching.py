"""What the search box finds: items that are public, within their dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.urls import reverse

from plugins.bundled.disclosure.domain.text import plain_text
from plugins.bundled.disclosure.models import SEARCH_KIND, Item
from plugins.sdk import SearchDocument
from portal.public import facts

OPEN_END = 99_999_999


def documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """Documents of the items with these uids, or of all. The index itself keeps to the dates."""
    items = Item.objects.filter(state=Item.State.PUBLISHED).select_related("category", "owner_organisation")
    if uids is not None:
        items = items.filter(uid__in=uids)
    rows = list(items)
    tokens = facts.tokens_of(rows)
    for item in rows:
        yield SearchDocument(
            uid=str(item.uid),
            group=str(item.uid),
            kind=SEARCH_KIND,
            type="disclosure",
            title=item.title,
            body=plain_text(item.body),
            context=f"{item.category.name} {item.period}".strip(),
            summary=item.summary,
            url=reverse("disclosure:item", args=[item.uid]),
            tokens=tokens.get(item.audience_id, frozenset()),
            secrecy=item.secrecy,
            published=item.publish_on,
            valid_from=_number(item.publish_on),
            valid_to=_number(item.expires_on) if item.expires_on else OPEN_END,
        )


def _number(day: dt.date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
