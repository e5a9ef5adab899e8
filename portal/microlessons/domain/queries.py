"""Reads of the micro-lessons."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Value

from media_pipeline.models import Asset
from portal.ground.suppliers import viewer_of
from portal.microlessons.models import LessonWatched, MicroLessonPage
from portal.watching.domain.videos import assets_of, duration_ms_of
from portal.watching.domain.watching import watch_of


@dataclasses.dataclass(frozen=True)
class Standing:
    """A micro-lesson as one person finds it: what plays, where to go on, whether it was seen to its end."""

    asset: Asset | None
    position_seconds: float
    is_done: bool

    @property
    def duration(self) -> dt.timedelta | None:
        """How long it takes, as far as known."""
        return duration_of(self.asset)


@dataclasses.dataclass(frozen=True)
class LessonFacts:
    """What a list shows of a lesson besides its own fields."""

    duration: dt.timedelta | None
    is_done: bool


def lessons_open_to(user: Any) -> QuerySet[MicroLessonPage]:
    """Published micro-lessons that a person may see, newest first, each with `is_watched`."""
    watched: Any = Value(value=False, output_field=BooleanField())
    if user.is_authenticated:
        watched = Exists(LessonWatched.objects.filter(member__user=user, lesson_uid=OuterRef("uid")))
    lessons: QuerySet[MicroLessonPage] = (
        MicroLessonPage.objects.visible_to(viewer_of(user))
        .annotate(is_watched=watched)
        .select_related("owner_organisation", "video")
        .order_by("-display_date", "-pk")
    )
    return lessons


def lesson_for(user: Any, uid: uuid.UUID) -> MicroLessonPage | None:
    """The micro-lesson with this uid if the person may see it."""
    return lessons_open_to(user).filter(uid=uid).first()


def asset_of(lesson: MicroLessonPage) -> Asset | None:
    """What plays in a micro-lesson, None while nothing was uploaded."""
    return assets_of([lesson.video]).get(lesson.video.pk) if lesson.video is not None else None


def standing_of(lesson: MicroLessonPage, user: Any) -> Standing:
    """Where a person stands with a micro-lesson: at most four queries."""
    asset = asset_of(lesson)
    if not user.is_authenticated:
        return Standing(asset, 0, is_done=False)
    done = LessonWatched.objects.filter(member__user=user, lesson_uid=lesson.uid).exists()
    return Standing(asset, watch_of(user, lesson.uid).position_ms / 1000, done)


def facts_of(lessons: Iterable[MicroLessonPage]) -> dict[int, LessonFacts]:
    """Length and state of many lessons from `lessons_open_to`, by primary key: one query."""
    listed: list[Any] = list(lessons)
    assets = assets_of([lesson.video for lesson in listed if lesson.video is not None])
    return {
        lesson.pk: LessonFacts(duration_of(assets.get(lesson.video_id)) if lesson.video_id else None, lesson.is_watched)
        for lesson in listed
    }


def duration_of(asset: Asset | None) -> dt.timedelta | None:
    """The length of what plays, None while it is unknown."""
    duration_ms = duration_ms_of(asset)
    return dt.timedelta(milliseconds=duration_ms) if duration_ms else None
