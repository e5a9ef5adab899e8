"""What is kept about a person here: what they were told and when they read it, what they were asked to do, their settings."""

from __future__ import annotations

from collections.abc import Iterable

from portal.ground.personal import Erased, Person, Table
from portal.notices.models import ChannelChoice, Notice, Preferences, TaskAssignee


def export(person: Person) -> Iterable[Table]:
    """The notices with their receipts, and the tasks given by name."""
    if person.user_id is None:
        return
    notices = Notice.objects.filter(user_id=person.user_id).order_by("made_at", "pk")
    yield Table(
        "notices",
        "收到的通知",
        {"made_at": "时间", "title": "内容", "read_at": "阅读时间"},
        [
            {"made_at": at.isoformat(), "title": title, "read_at": read_at.isoformat() if read_at else None}
            for at, title, read_at in notices.values_list("made_at", "title", "read_at")
        ],
    )
    tasks = TaskAssignee.objects.filter(user_id=person.user_id).order_by("task__opened_at", "pk")
    yield Table(
        "tasks",
        "承办的事项",
        {"opened_at": "提出时间", "title": "内容", "closed_at": "办结时间"},
        [
            {"opened_at": at.isoformat(), "title": title, "closed_at": closed.isoformat() if closed else None}
            for at, title, closed in tasks.values_list("task__opened_at", "task__title", "task__closed_at")
        ],
    )


def erase(person: Person) -> Erased:
    """Everything goes: notices with what was sent of them, settings, being asked. Tasks themselves stay, without the name."""
    if person.user_id is None:
        return Erased(0)
    rows = 0
    for model in (Notice, TaskAssignee, ChannelChoice, Preferences):
        rows += model.objects.filter(user_id=person.user_id).delete()[0]
    return Erased(rows)
