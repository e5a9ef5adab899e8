"""What is kept about a person here: the courses that the person finished."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from __slug__.models import FinishedCourse
from plugins.sdk import Erased, Person, Table


def export(person: Person) -> Iterator[Table]:
    """Each finished course, oldest first."""
    if person.member_uid is None:
        return
    rows = [
        {"course": row.course_title, "finished_at": row.finished_at.isoformat()}
        for row in FinishedCourse.objects.filter(member_uid=person.member_uid).order_by("finished_at", "pk")
    ]
    yield Table("courses", _("学完的课程"), {"course": _("课程"), "finished_at": _("时间")}, rows)


def erase(person: Person) -> Erased:
    """All of it goes; safe to repeat."""
    if person.member_uid is None:
        return Erased(0)
    return Erased(FinishedCourse.objects.filter(member_uid=person.member_uid).delete()[0])
