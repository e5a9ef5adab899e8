"""Bookmarks and notes. What the reader may not see is absent: the operations take works and articles that were asked for by
who may see them, and lists leave out what is no longer visible, save a person's own words."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, Value

from portal.ground.clock import now
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.rights import home_of
from portal.regulations.domain.addresses import article_label
from portal.regulations.domain.queries import PUBLISHED, visible_regulations
from portal.regulations.models import Bookmark, Lineage, Note, Provision, Regulation, Subscription
from portal.regulations.models.reader import LONGEST_NOTE


class NotKept(Exception):
    """Something cannot be kept; `str()` is a Chinese sentence."""


@dataclasses.dataclass(frozen=True)
class Place:
    """A work, or an article of it, as lists name it."""

    regulation: Regulation
    lineage: Lineage | None
    label: str

    @property
    def title(self) -> str:
        return f"《{self.regulation.short_title}》{self.label}"


def bookmark(user: Any, regulation: Regulation, lineage: Lineage | None, *, wanted: bool) -> None:
    """Set or take away a bookmark. Safe to repeat. Writes Bookmark."""
    if wanted:
        Bookmark.objects.get_or_create(user=user, regulation=regulation, lineage=lineage)
    else:
        Bookmark.objects.filter(user=user, regulation=regulation, lineage=lineage).delete()


def write_note(
    user: Any, regulation: Regulation, lineage: Lineage | None, text: str, *, shared: bool = False, uid: Any = None
) -> Note:
    """Keep a note, or with `uid` change one's own. `shared` lets the members of one's own branch read it. Raises NotKept: no
    words, too many, no branch, not one's own. Writes Note."""
    text = text.strip()
    if not text:
        raise NotKept("请先写下笔记内容。")
    if len(text) > LONGEST_NOTE:
        raise NotKept(f"笔记有 {len(text)} 字，超过 {LONGEST_NOTE} 字的上限。")
    branch = home_of(user) if shared else None
    if shared and branch is None:
        raise NotKept("您还没有所在的党组织，无法共享；请先存为个人笔记。")
    with transaction.atomic():
        note = Note(user=user, regulation=regulation, lineage=lineage)
        if uid is not None:
            found = own_note(user, uid)
            if found is None:
                raise NotKept("没有找到这条笔记。")
            note = found
        note.text, note.shared_with, note.changed_at = text, branch, now()
        note.save()
    return note


def own_note(user: Any, uid: Any) -> Note | None:
    """A note of this person; None for absent and another's."""
    return Note.objects.filter(user=user, uid=uid).select_related("regulation", "lineage").first()


def delete_note(user: Any, uid: uuid.UUID) -> bool:
    """Delete one's own note; whether there was one. Writes Note."""
    return bool(Note.objects.filter(user=user, uid=uid).delete()[0])


def notes_beside(user: Any, regulation: Regulation, lineage: Lineage | None) -> list[Note]:
    """One's own notes on an article (or the work), and those that members of one's branch share: one query."""
    home = home_of(user)
    readable = Q(user=user) | Q(shared_with=home) if home is not None else Q(user=user)
    notes = Note.objects.filter(readable, regulation=regulation, lineage=lineage)
    return list(notes.select_related("user", "shared_with").order_by("created_at", "pk")[:200])


@dataclasses.dataclass(frozen=True)
class KeptHere:
    """Whether a person has a bookmark at a place, and the uid of their subscription to it."""

    bookmarked: bool
    subscription: uuid.UUID | None


def kept_here(user: Any, regulation: Regulation, lineage: Lineage | None) -> KeptHere:
    """What this person keeps at an article or at a work: one query."""
    bookmarks, subscriptions = (
        model.objects.filter(user=user, regulation=regulation, lineage=lineage)
        .annotate(what=Value(what))
        .values_list("what", "uid")
        for what, model in (("bookmark", Bookmark), ("subscription", Subscription))
    )
    found = dict(bookmarks.union(subscriptions, all=True))
    return KeptHere("bookmark" in found, found.get("subscription"))


def labels_of(lineages: Iterable[Lineage | None]) -> dict[int, str]:
    """What articles are called today, or were last, by the key of their lineage: one query."""
    keys = {lineage.pk for lineage in lineages if lineage is not None}
    provisions = Provision.objects.filter(lineage__in=keys, version__state=PUBLISHED).defer("text", "heading_path")
    ordered = provisions.order_by("version__starts_on", "version__key")
    return {provision.lineage_id: article_label(provision) for provision in ordered if provision.lineage_id}


def bookmarks_of(user: Any) -> list[Place]:
    """What this person marked and may still see, newest first: three queries."""
    rows = list(
        Bookmark.objects.filter(user=user, regulation__in=visible_regulations(viewer_of(user)))
        .select_related("regulation", "lineage")
        .order_by("-created_at", "-pk")[:500]
    )
    labels = labels_of(row.lineage for row in rows)
    return [Place(row.regulation, row.lineage, labels.get(row.lineage_id or 0, "")) for row in rows]


def notes_of(user: Any) -> list[tuple[Note, Place | None]]:
    """One's own notes, newest first, each with its place while that may be seen: three queries."""
    rows: Sequence[Note] = list(
        Note.objects.filter(user=user)
        .select_related("regulation", "lineage", "shared_with")
        .order_by("-changed_at", "-pk")[:500]
    )
    keys = {row.regulation_id for row in rows}
    visible = set(visible_regulations(viewer_of(user)).filter(pk__in=keys).values_list("pk", flat=True))
    labels = labels_of(row.lineage for row in rows)
    return [
        (
            row,
            Place(row.regulation, row.lineage, labels.get(row.lineage_id or 0, ""))
            if row.regulation_id in visible
            else None,
        )
        for row in rows
    ]
