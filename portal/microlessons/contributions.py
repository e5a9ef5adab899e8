"""What the micro-lessons add to the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.sdk import Card, CardContext, MenuItem
from portal.microlessons.domain.queries import facts_of, lessons_open_to

NEWEST = 3


def newest_card(context: CardContext) -> Mapping[str, Any] | None:
    """The newest micro-lessons, each with whether it was seen; nothing while there are none."""
    lessons = list(lessons_open_to(context.user)[:NEWEST])
    if not lessons:
        return None
    facts = facts_of(lessons)
    return {"lessons": [(lesson, facts[lesson.pk]) for lesson in lessons]}


menu = [MenuItem("微党课", "microlessons:lessons", label_en="Micro-lessons", order=40)]
cards = [
    Card(
        "新上线的微党课",
        "microlessons/cards/newest.html",
        newest_card,
        label_en="New micro-lessons",
        order=60,
        route="microlessons:lessons",
    )
]
