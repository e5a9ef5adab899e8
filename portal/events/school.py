"""Events of the party school. A learner is a member (党员)."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event, now


@dataclasses.dataclass(frozen=True, kw_only=True)
class Enrolled(Event):
    """A member joined a course."""

    name = "school.enrolled"
    member_uid: uuid.UUID
    course_uid: uuid.UUID
    course_title: str = ""
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)


@dataclasses.dataclass(frozen=True, kw_only=True)
class UnitCompleted(Event):
    """A member finished a unit for the first time. Emitted once a member and unit."""

    name = "school.unit_completed"
    member_uid: uuid.UUID
    unit_uid: uuid.UUID
    course_uid: uuid.UUID
    unit_title: str = ""
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CourseCompleted(Event):
    """A member finished all required units of a course. Emitted once a member and course."""

    name = "school.course_completed"
    member_uid: uuid.UUID
    course_uid: uuid.UUID
    course_title: str = ""
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)
