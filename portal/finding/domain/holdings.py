"""What is kept about a person here: saved and recent searches. What was asked and clicked in numbers names nobody."""

from __future__ import annotations

from collections.abc import Iterable

from portal.finding.models import Preferences, RecentSearch, SavedSearch
from portal.ground.personal import Erased, Person, Table


def export(person: Person) -> Iterable[Table]:
    """Saved searches with their alerts, and recent ones."""
    if person.user_id is None:
        return
    saved = SavedSearch.objects.filter(user_id=person.user_id).order_by("made_at", "pk")
    yield Table(
        "saved",
        "保存的搜索",
        {"made_at": "时间", "name": "名称", "query": "搜索词", "alerts": "有新内容时通知"},
        [
            {
                "made_at": row.made_at.isoformat(),
                "name": row.name,
                "query": " ".join(row.asked.get("q", [])),
                "alerts": "是" if row.alerts else "否",
            }
            for row in saved
        ],
    )
    recent = RecentSearch.objects.filter(user_id=person.user_id).order_by("asked_at", "pk")
    yield Table(
        "recent",
        "最近的搜索",
        {"asked_at": "时间", "query": "搜索词"},
        [{"asked_at": row.asked_at.isoformat(), "query": row.query} for row in recent],
    )


def erase(person: Person) -> Erased:
    """Everything goes."""
    if person.user_id is None:
        return Erased(0)
    models = (SavedSearch, RecentSearch, Preferences)
    return Erased(sum(model.objects.filter(user_id=person.user_id).delete()[0] for model in models))
