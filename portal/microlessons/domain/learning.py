"""Watching a micro-lesson."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import transaction

from plugins.sdk import publish
from portal.events.microlessons import MicroLessonWatched
from portal.microlessons.domain.queries import asset_of
from portal.microlessons.models import LessonWatched, MicroLessonPage
from portal.organisations.models import Member
from portal.watching.domain.evidence import is_watched
from portal.watching.domain.videos import duration_ms_of
from portal.watching.domain.watching import Beacon, Watch, open_watching, record_beacon


@dataclasses.dataclass(frozen=True)
class LessonWatch:
    """Where a person stands after opening or a beacon. `is_done` is kept for members only."""

    watch: Watch
    is_done: bool


def open_lesson(user: Any, lesson: MicroLessonPage) -> LessonWatch:
    """Begin or go on watching here; a session elsewhere ends. Writes the person's watch session."""
    return _finish_if_watched(user, lesson, open_watching(user, lesson.uid), duration_ms_of(asset_of(lesson)))


def record_lesson_watch(user: Any, lesson: MicroLessonPage, beacon: Beacon) -> LessonWatch:
    """Credit what a beacon proves; a member who has seen enough has watched the lesson.

    Raises the refusals of `portal.watching` (then nothing is credited). Writes Watched, then in a second transaction maybe
    LessonWatched (lost between the two, it is made up by the next beacon or opening); emits MicroLessonWatched once a member.
    """
    duration_ms = duration_ms_of(asset_of(lesson))
    watch = record_beacon(user, lesson.uid, beacon, duration_ms=duration_ms)
    return _finish_if_watched(user, lesson, watch, duration_ms)


def _finish_if_watched(user: Any, lesson: MicroLessonPage, watch: Watch, duration_ms: int | None) -> LessonWatch:
    if not is_watched(watch.watched_ms, duration_ms):
        return LessonWatch(watch, is_done=False)
    member = Member.objects.filter(user_id=user.pk).exclude(stage=Member.Stage.LEFT).first()
    if member is not None:
        with transaction.atomic():
            record, made = LessonWatched.objects.get_or_create(member=member, lesson_uid=lesson.uid)
            if made:
                publish(
                    MicroLessonWatched(
                        member_uid=member.uid,
                        lesson_uid=lesson.uid,
                        title=lesson.title,
                        occurred_at=record.watched_at,
                    )
                )
    return LessonWatch(watch, is_done=True)
