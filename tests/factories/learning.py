"""Makers for what people watch and learn."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from media_pipeline.models import Asset
from portal.basepage.models import BasePage
from portal.files.models import Video
from portal.school.models import Chapter, CoursePage, Unit
from tests.factories import site_root

_count = itertools.count(1)


def make_video(seconds: float | None = 100.0, title: str = "讲课视频", **fields: Any) -> Video:
    """A video whose asset has the given length (None: still being worked on). It has no bytes."""
    state = Asset.State.READY if seconds else Asset.State.WORKING
    asset = Asset.objects.create(
        title=title, state=state, duration_seconds=seconds, source_name=f"{next(_count)}.mp4", source_container="mp4"
    )
    return Video.objects.create(title=title, asset_uid=asset.uid, **fields)


def make_course(*chapters: list[Unit], parent: BasePage | None = None, **fields: Any) -> CoursePage:
    """A published course; each argument is a chapter given by its unsaved units."""
    course = CoursePage(title=fields.pop("title", "党支部工作实务"), **fields)
    for number, units in enumerate(chapters, 1):
        chapter = Chapter(title=f"第{number}章", sort_order=number)
        chapter.units = [_placed(unit, place) for place, unit in enumerate(units)]
        course.chapters.add(chapter)
    return (parent or site_root()).add_child(instance=course)


def _placed(unit: Unit, place: int) -> Unit:
    unit.sort_order = place
    return unit


def video_unit(seconds: float | None = 100.0, title: str = "第一讲", **fields: Any) -> Unit:
    """An unsaved video unit."""
    return Unit(title=title, kind=Unit.Kind.VIDEO, video=make_video(seconds), **fields)


def text_unit(title: str = "阅读材料", **fields: Any) -> Unit:
    """An unsaved text unit."""
    return Unit(title=title, kind=Unit.Kind.TEXT, body=fields.pop("body", "<p>请先读这一段。</p>"), **fields)


def units_of(course: CoursePage) -> list[Unit]:
    """All stored units of a course, in order."""
    found = Unit.objects.filter(chapter__course=course).select_related("chapter__course", "video")
    return list(found.order_by("chapter__sort_order", "sort_order"))


class Player:
    """An honest or a lying player: `seconds(...)` sends spans and moves on to the next token."""

    def __init__(self, token: uuid.UUID | None) -> None:
        self.token = token

    def beacon(self, *spans: tuple[float, float], position: float = 0, uid: uuid.UUID | None = None) -> Any:
        """A beacon with the token that is due."""
        from portal.watching.domain.watching import Beacon

        read = tuple((round(start * 1000), round(end * 1000)) for start, end in spans)
        assert self.token is not None
        return Beacon(uid or uuid.uuid4(), self.token, read, round(position * 1000))


def make_lesson(seconds: float | None = 60.0, **fields: Any) -> Any:
    """A published micro-lesson with a video of the given length."""
    from portal.microlessons.models import MicroLessonPage

    title = fields.pop("title", "钢轨的声音")
    return site_root().add_child(instance=MicroLessonPage(title=title, video=make_video(seconds), **fields))


def make_case(*topics: str, **fields: Any) -> Any:
    """A published case with topics."""
    from portal.experiences.models import CasePage

    case = CasePage(title=fields.pop("title", "差一点清单"), **fields)
    case.tags.add(*topics)
    return site_root().add_child(instance=case)
