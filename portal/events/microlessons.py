"""Events of the micro-lessons (微党课)."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event, now


@dataclasses.dataclass(frozen=True, kw_only=True)
class MicroLessonWatched(Event):
    """A member watched a micro-lesson to its end for the first time."""

    name = "microlessons.watched"
    member_uid: uuid.UUID
    lesson_uid: uuid.UUID
    title: str = ""
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)
