"""What is kept about a person here: which videos were watched, how far."""

from __future__ import annotations

from collections.abc import Iterable

from portal.ground.personal import Erased, Person, Table
from portal.watching.models import Watched, WatchSession


def export(person: Person) -> Iterable[Table]:
    """Every thing watched, with seconds seen."""
    if person.user_id is None:
        return
    rows = Watched.objects.filter(user_id=person.user_id).order_by("updated_at", "pk")
    yield Table(
        "watched",
        "观看记录",
        {"subject": "内容编号", "seconds": "看过的秒数", "updated_at": "最近观看"},
        [
            {"subject": str(row.subject), "seconds": row.watched_ms // 1000, "updated_at": row.updated_at.isoformat()}
            for row in rows
        ],
    )


def erase(person: Person) -> Erased:
    """Everything goes."""
    if person.user_id is None:
        return Erased(0)
    rows = sum(model.objects.filter(user_id=person.user_id).delete()[0] for model in (Watched, WatchSession))
    return Erased(rows)
