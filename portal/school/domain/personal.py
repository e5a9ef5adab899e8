"""What the school keeps about a person, and the days it adds to the time line."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portal.ground.clock import BUSINESS_ZONE
from portal.ground.personal import Erased, Milestone, Person, Table
from portal.school.models import Enrolment, Progress


def export(person: Person) -> Iterable[Table]:
    """Courses taken, units done."""
    if person.member_uid is None:
        return
    courses = Enrolment.objects.filter(member__uid=person.member_uid).order_by("enrolled_at", "pk")
    yield Table(
        "courses",
        "学习的课程",
        {"course": "课程", "enrolled_at": "报名时间", "completed_at": "结课时间"},
        [
            {
                "course": title,
                "enrolled_at": enrolled_at.isoformat(),
                "completed_at": completed_at.isoformat() if completed_at else None,
            }
            for title, enrolled_at, completed_at in courses.values_list("course__title", "enrolled_at", "completed_at")
        ],
    )
    units = Progress.objects.filter(member__uid=person.member_uid).order_by("done_at", "pk")
    yield Table(
        "units",
        "学完的单元",
        {"unit": "单元编号", "done_at": "完成时间"},
        [{"unit": str(uid), "done_at": at.isoformat()} for uid, at in units.values_list("unit_uid", "done_at")],
    )


def erase(person: Person) -> Erased:
    """Everything goes."""
    if person.member_uid is None:
        return Erased(0)
    rows = sum(model.objects.filter(member__uid=person.member_uid).delete()[0] for model in (Enrolment, Progress))
    return Erased(rows)


def milestones(person: Person) -> Iterable[Milestone]:
    """The day each course was completed."""
    if person.member_uid is None:
        return
    done = Enrolment.objects.filter(member__uid=person.member_uid, completed_at__isnull=False).select_related("course")
    for enrolment in done:
        if enrolment.completed_at is None:  # as the filter says; mypy does not know
            continue
        day = enrolment.completed_at.astimezone(BUSINESS_ZONE).date()
        yield Milestone(day, _("学完课程《%(title)s》") % {"title": enrolment.course.title}, enrolment.course.url or "")
