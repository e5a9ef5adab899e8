"""Taking a course."""

from __future__ import annotations

from django.db import transaction

from plugins.sdk import publish
from portal.events.school import Enrolled
from portal.ground.clock import now
from portal.ground.suppliers import ANONYMOUS, viewer_of
from portal.organisations.models import Member
from portal.school.models import CoursePage, Enrolment


class CourseNotOpen(Exception):
    """The course is not published, or not for this member."""


def enrol_member(member: Member, course: CoursePage) -> Enrolment:
    """Enrol a member in a course that the member may see.

    Raises CourseNotOpen. Writes Enrolment; emits Enrolled once. Safe to call again: the first enrolment stays.
    """
    viewer = viewer_of(member.user) if member.user is not None else ANONYMOUS
    if not course.is_visible_to(viewer):
        raise CourseNotOpen(course.title)
    with transaction.atomic():
        enrolment, made = Enrolment.objects.get_or_create(member=member, course=course)
        if made:
            publish(
                Enrolled(member_uid=member.uid, course_uid=course.uid, course_title=course.title, occurred_at=now())
            )
    return enrolment
