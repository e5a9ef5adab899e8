"""Alerts of saved searches: each batch of changed documents is asked all saved queries, and people are told what is new to them,
as far as they may see it at that moment."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.finding.models import AlertedHit, SavedSearch
from portal.ground.clock import now
from portal.ground.models import OutboxEntry
from portal.ground.suppliers import PUBLIC_TOKEN, Viewer, inactive_kinds, viewer_of
from portal.notices.domain import notify
from portal.notices.kinds import declare_kind
from search import registry
from search.alerts import Watch, found_by
from search.contracts import SearchDocument
from search.engines.base import Ranked
from search.models import IndexState
from search.web.asking import FACET_PREFIX

ALERT = declare_kind(
    "finding.alert",
    "保存的搜索有新内容",
    "News of saved searches",
    outside="您保存的搜索有新内容，请登录门户查看。",
    outside_en="There is something new in a search that you saved. Please sign in to the portal.",
)
_TITLES = 2
_GROUPS_AT_ONCE = 50


def tell_of_changes(entries: Sequence[OutboxEntry]) -> None:
    """Consumer of `content.changed`: run the saved searches over what changed. Safe to repeat: each person is told of each row
    of a saved search once. Writes AlertedHit, notices."""
    watched = list(SavedSearch.objects.filter(alerts=True, user__is_active=True).order_by("pk"))
    if not watched:
        return
    changed: dict[str, dict[str, None]] = defaultdict(dict)
    for entry in entries:
        changed[str(entry.payload["kind"])][str(entry.payload["uid"])] = None
    for kind, uids in changed.items():
        source = registry.source_of(kind)
        listed = list(uids)
        for start in range(0, len(listed) if source else 0, _GROUPS_AT_ONCE):
            some = listed[start : start + _GROUPS_AT_ONCE]
            known = {state.group: state for state in IndexState.objects.filter(kind=kind, group__in=some)}
            _tell(watched, list(source.documents(some)) if source else [], known)


def _tell(watched: Sequence[SavedSearch], documents: Sequence[SearchDocument], known: dict[str, IndexState]) -> None:
    found = found_by(
        documents,
        [_watch(saved) for saved in watched],
        _viewers({saved.pk: saved for saved in watched}),
        inactive=inactive_kinds(None),
    )
    open_to_all = {document.key for document in documents if PUBLIC_TOKEN in document.tokens and not document.secrecy}
    for saved in watched:
        rows = [row for row in found.get(saved.pk, ()) if _is_new(saved, row, known)]
        if rows:
            _tell_of(saved, rows, open_to_all)


def _watch(saved: SavedSearch) -> Watch:
    values = {key: tuple(map(str, held)) for key, held in saved.asked.items()}
    facets = tuple(
        (key.removeprefix(FACET_PREFIX), held) for key, held in values.items() if key.startswith(FACET_PREFIX)
    )
    return Watch(saved.pk, " ".join(values.get("q", ())), values.get(registry.TYPE, ()), facets)


def _viewers(watched: dict[Hashable, SavedSearch]) -> Callable[[Hashable], Viewer | None]:
    people: dict[int, Viewer | None] = {}

    def viewer(name: Hashable) -> Viewer | None:
        user_id = watched[name].user_id
        if user_id not in people:
            user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
            people[user_id] = viewer_of(user) if user is not None else None
        return people[user_id]

    return viewer


def _is_new(saved: SavedSearch, row: Ranked, known: dict[str, IndexState]) -> bool:
    """Whether readers could not find it when the search was saved: it is dated later, search came to know it later, or knew it
    as a draft that is published only now, whatever its date."""
    published = row.data["published"]
    if published and dt.date.fromisoformat(published) >= saved.made_at.date():
        return True
    state = known.get(row.data["group"])
    if state is None or state.pk > saved.after_state:
        return True
    if state.appeared_at is not None:
        return state.appeared_at > saved.made_at
    return not state.rows  # read before it was indexed: it is to appear in this very moment


def _tell_of(saved: SavedSearch, rows: list[Ranked], open_to_all: set[str]) -> None:
    with transaction.atomic():
        if not SavedSearch.objects.select_for_update().filter(pk=saved.pk, alerts=True).exists():
            return
        digests = {hashlib.sha256(row.key.encode()).hexdigest()[:32]: row for row in rows}
        told = set(AlertedHit.objects.filter(saved=saved, digest__in=list(digests)).values_list("digest", flat=True))
        new = {digest: row for digest, row in digests.items() if digest not in told}
        if not new:
            return
        AlertedHit.objects.bulk_create([AlertedHit(saved=saved, digest=digest) for digest in new])
        SavedSearch.objects.filter(pk=saved.pk).update(told_at=now())
        batch = hashlib.sha256("".join(sorted(new)).encode()).hexdigest()[:16]
        notify(
            f"finding.alert:{saved.uid}:{batch}",
            saved.user,
            ALERT.code,
            _("“%(name)s”有 %(n)s 条新内容") % {"name": saved.name, "n": len(new)},
            reverse("finding:open", args=[saved.uid]),
            text=_titles([row for row in new.values() if row.key in open_to_all]),
        )


def _titles(rows: list[Ranked]) -> str:
    """Titles of what is open to everybody; of the rest only the number is said, because a notice outlives a change of who may
    see a document."""
    return "、".join(f"《{title}》" for title in list(dict.fromkeys(row.data["title"] for row in rows))[:_TITLES])
