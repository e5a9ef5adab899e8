"""Saved searches and recent ones: what a person keeps, and takes away again."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from portal.finding.models import Preferences, RecentSearch, SavedSearch
from portal.ground.clock import now
from search.models import IndexState

MOST_SAVED = 50
MOST_RECENT = 20
LONGEST_NAME = 60
LONGEST_RECENT = 100


class TooMany(ValueError):
    """A person keeps up to `MOST_SAVED` searches."""


class NothingAsked(ValueError):
    """A search without words cannot be saved."""


def save_search(user: Any, asked: Mapping[str, Sequence[str]], *, name: str = "", alerts: bool = True) -> SavedSearch:
    """Keep a search: `asked` are the values of an address of the results page. The same search is kept once; saving it again
    changes its name and its alerts. Raises NothingAsked, TooMany. Writes SavedSearch."""
    values = {key: list(held) for key, held in sorted(asked.items()) if held and key != "page"}
    query = " ".join("".join(values.get("q", [])).split())
    if not query:
        raise NothingAsked
    digest = hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()
    fields = {"name": (" ".join(name.split()) or query)[:LONGEST_NAME], "alerts": alerts}
    with transaction.atomic():
        known = SavedSearch.objects.filter(user=user, asked_hash=digest).first()
        if known is not None:
            SavedSearch.objects.filter(pk=known.pk).update(**fields)
            known.refresh_from_db()
            return known
        if SavedSearch.objects.filter(user=user).count() >= MOST_SAVED:
            raise TooMany
        newest = IndexState.objects.aggregate(newest=Max("pk"))["newest"] or 0
        saved, _made = SavedSearch.objects.get_or_create(
            user=user, asked_hash=digest, defaults={"asked": values, "after_state": newest, **fields}
        )
    return saved


def saved_searches(user: Any) -> QuerySet[SavedSearch]:
    """What a person keeps, newest first."""
    return SavedSearch.objects.filter(user=user).order_by("-made_at", "-pk")


def change_saved(user: Any, uid: Any, *, name: str | None = None, alerts: bool | None = None) -> bool:
    """Rename a saved search of this person, or switch its alerts; False when there is none. Writes SavedSearch."""
    fields: dict[str, Any] = {}
    if name is not None and name.strip():
        fields["name"] = " ".join(name.split())[:LONGEST_NAME]
    if alerts is not None:
        fields["alerts"] = alerts
    rows = SavedSearch.objects.filter(user=user, uid=uid)
    return bool(rows.update(**fields)) if fields else rows.exists()


def remove_saved(user: Any, uid: Any) -> bool:
    """Forget a saved search of this person; False when there is none."""
    return SavedSearch.objects.filter(user=user, uid=uid).delete()[0] > 0


# --- recent -----------------------------------------------------------------------------------------------------------
def keeps_recent(user: Any) -> bool:
    """Whether recent searches of this person are kept."""
    return bool(Preferences.objects.filter(user=user).values_list("keeps_recent", flat=True).first() is not False)


def recent_searches(user: Any) -> list[str]:
    """What a person searched for lately, the last first."""
    rows = RecentSearch.objects.filter(user=user).order_by("-asked_at", "-pk")
    return list(rows.values_list("query", flat=True)[:MOST_RECENT])


def note_recent(user: Any, query: str) -> None:
    """Keep a search as the last one, unless the person does not want that; the oldest gives its place. Writes RecentSearch: two
    queries at most, for every page of results makes them, and none when it is the last one already."""
    text = " ".join(query.split())[:LONGEST_RECENT]
    if not text:
        return
    own = RecentSearch.objects.filter(user=user)
    kept = list(own.order_by("-asked_at", "-pk").values_list("query", "pk"))
    if (kept and kept[0][0] == text) or (not kept and not keeps_recent(user)):
        return  # who switched it off has none
    known = dict(kept)
    if text in known:
        own.filter(pk=known[text]).update(asked_at=now())
    elif len(kept) < MOST_RECENT:
        RecentSearch.objects.bulk_create([RecentSearch(user=user, query=text, asked_at=now())], ignore_conflicts=True)
    else:
        with contextlib.suppress(IntegrityError), transaction.atomic():  # another window asked the same just now
            own.filter(pk=kept[MOST_RECENT - 1][1]).update(query=text, asked_at=now())
        if len(kept) > MOST_RECENT:
            own.filter(pk__in=[pk for _, pk in kept[MOST_RECENT:]]).delete()


def clear_recent(user: Any) -> int:
    """Forget all recent searches of a person; how many."""
    return RecentSearch.objects.filter(user=user).delete()[0]


def set_keeps_recent(user: Any, keep: bool) -> None:
    """Keep recent searches or not; switching off forgets those that are there. Writes Preferences."""
    with transaction.atomic():
        Preferences.objects.update_or_create(user=user, defaults={"keeps_recent": keep})
        if not keep:
            clear_recent(user)
