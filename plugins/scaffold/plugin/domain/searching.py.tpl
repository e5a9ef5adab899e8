"""What the search box finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse

from __slug__.models import SEARCH_KIND, Note
from plugins.sdk import SearchDocument
from portal.public import facts


def documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """The notes with these uids, or all of them."""
    notes = Note.objects.all() if uids is None else Note.objects.filter(uid__in=uids)
    rows = list(notes)
    tokens = facts.tokens_of(rows)
    for note in rows:
        yield SearchDocument(
            uid=str(note.uid),
            group=str(note.uid),
            kind=SEARCH_KIND,
            type=SEARCH_KIND,
            title=note.title,
            body=note.body,
            summary=note.body[:200],
            url=reverse("__slug__:note", args=[note.uid]),
            tokens=tokens.get(note.audience_id or 0, frozenset()),
            secrecy=note.secrecy,
            published=note.shown_on,
        )
