"""What the school adds to the portal: its menu entry, and what a member has to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.sdk import Card, CardContext, MenuItem
from portal.school.domain.queries import courses_in_progress, courses_open_to, member_of


def learning_card(context: CardContext) -> Mapping[str, Any] | None:
    """Courses in progress, each with its next step; without one, the way to the list. Nothing for who is no member."""
    if member_of(context.user) is None:
        return None
    running = courses_in_progress(context.user)
    return {"running": running, "offered": 0 if running else courses_open_to(context.user).count()}


menu = [MenuItem("党校", "school:courses", label_en="Party school", order=30)]
cards = [
    Card(
        "正在学习",
        "school/cards/learning.html",
        learning_card,
        label_en="Learning now",
        order=10,
        route="school:courses",
    )
]
