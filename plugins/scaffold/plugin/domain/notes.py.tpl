"""Reads: plain values in, querysets and dictionaries out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from __slug__.models import FinishedCourse, Note
from plugins.sdk import CardContext, SlotContext, today
from portal.public import facts

NEWEST = 3


def notes_for(user: Any) -> QuerySet[Note]:
    """The notes that a person may see today, newest first."""
    return Note.objects.filter(facts.visible_filter(user), shown_on__lte=today()).select_related("owner_organisation")


def card_for(context: CardContext) -> dict[str, Any]:
    """The newest notes, and how many courses the person finished."""
    member = facts.member_of(context.user)
    finished = FinishedCourse.objects.filter(member_uid=member.uid).count() if member else 0
    return {"notes": list(notes_for(context.user)[:NEWEST]), "finished": finished}


def slot_for(context: SlotContext) -> dict[str, Any] | None:
    """The newest notes below an article; nothing where there are none."""
    notes = list(notes_for(context.user)[:NEWEST])
    return {"notes": notes} if notes else None
