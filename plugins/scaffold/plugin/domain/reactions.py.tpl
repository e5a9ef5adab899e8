"""What follows from events. Called again after a crash, so everything here is safe to repeat."""

from __future__ import annotations

from __slug__.models import FinishedCourse
from portal.public.events import CourseCompleted


def remember_course(event: CourseCompleted) -> None:
    """Remember a finished course, once for each member and course."""
    FinishedCourse.objects.get_or_create(
        member_uid=event.member_uid, course_uid=event.course_uid, defaults={"course_title": event.course_title[:200]}
    )
