"""What the library keeps about a person: bookmarks, notes, questions, subscriptions, the last look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import override

from portal.ground.generation import raise_generation
from portal.ground.personal import Erased, Person, Table
from portal.notices.domain import close_task
from portal.regulations.models import Bookmark, Note, Question, ReaderState, Subscription

LABEL = "法规阅读：书签、笔记、提问、订阅"


def export(person: Person) -> Iterable[Table]:
    """All of it, with the titles of the works."""
    if person.user_id is None:
        return
    mine = {"user_id": person.user_id}
    yield _table(
        "bookmarks", "法规书签", {"at": "时间", "title": "法规"}, Bookmark, mine, ("created_at", "regulation__title")
    )
    yield _table(
        "notes",
        "法规笔记",
        {"at": "时间", "title": "法规", "text": "内容", "shared": "共享给"},
        Note,
        mine,
        ("created_at", "regulation__title", "text", "shared_with__name"),
    )
    yield _table(
        "questions",
        "法规提问",
        {"at": "时间", "title": "法规", "text": "问题", "answer": "答复"},
        Question,
        mine,
        ("asked_at", "regulation__title", "text", "answer"),
    )
    yield _table(
        "subscriptions",
        "法规订阅",
        {"at": "时间", "title": "法规", "level": "效力级别", "words": "标题中的文字"},
        Subscription,
        mine,
        ("created_at", "regulation__title", "level", "words"),
    )
    yield _table(
        "answers",
        "作出的法规答复",
        {"at": "时间", "title": "法规", "answer": "答复"},
        Question,
        {"answered_by_id": person.user_id},
        ("answered_at", "regulation__title", "answer"),
    )


def _table(
    name: str, title: str, columns: dict[str, str], model: Any, where: dict[str, int], fields: tuple[str, ...]
) -> Table:
    with override(None):
        rows = model.objects.filter(**where).order_by("pk").values_list(*fields)
        return Table(
            name,
            title,
            columns,
            [
                dict(zip(columns, (row[0].isoformat(), *(value or "" for value in row[1:])), strict=True))
                for row in rows
            ],
        )


def erase(person: Person) -> Erased:
    """Bookmarks, notes (shared ones too), subscriptions and unanswered questions go. Answered questions stay for those whom
    the answer helps, without the name."""
    if person.user_id is None:
        return Erased(0)
    rows = 0
    for model in (Bookmark, Note, Subscription, ReaderState):
        rows += model.objects.filter(user_id=person.user_id).delete()[0]
    waiting = Question.objects.filter(user_id=person.user_id, answered_at=None)
    for question in waiting:
        close_task(f"regulations.question:{question.uid}")
    rows += waiting.delete()[0]
    answered = Question.objects.filter(user_id=person.user_id).update(user=None)
    rows += Question.objects.filter(answered_by_id=person.user_id).update(answered_by=None)
    raise_generation()
    kept = "已答复的提问保留问题和答复，不再记录提问人。" if answered else ""
    return Erased(rows + answered, kept)
