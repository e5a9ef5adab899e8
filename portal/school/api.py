"""Operations of the API about courses and one's own learning."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from plugins.sdk.api import OPEN, SIGNED_IN, ApiRefusal, Listing, PageNumber, PerPage, Words, allows, listing
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.people import member_of
from portal.school.domain.enrolment import CourseNotOpen, enrol_member
from portal.school.domain.queries import UnitState, course_for, courses_open_to, enrolments_of, outline_of
from portal.school.models import CoursePage

router = Router(tags=[_("学习")])


class CourseRow(Schema):
    """A course. `hours` are study hours (学时)."""

    uid: uuid.UUID
    title: str
    summary: str
    hours: float
    for_whom: str
    units: int
    date: dt.date
    url: str


class UnitRow(Schema):
    """A unit of a course. `video` is the uid to ask playback for; the last four say how far the person is."""

    uid: uuid.UUID
    title: str
    kind: str
    is_required: bool
    seconds: int | None
    video: uuid.UUID | None
    is_done: bool
    per_cent: int
    position_seconds: float


class ChapterRow(Schema):
    """A chapter with its units in order."""

    title: str
    units: list[UnitRow]


class CourseFull(CourseRow):
    """A course with its chapters, and how far the person is: `enrolled_at` is null for who does not take it."""

    chapters: list[ChapterRow]
    enrolled_at: dt.datetime | None
    completed_at: dt.datetime | None
    per_cent: int


class LearningRow(Schema):
    """A course that the person takes or took. `title` stays when the course may no longer be seen; `url` is empty then."""

    course: uuid.UUID
    title: str
    url: str
    enrolled_at: dt.datetime
    active_at: dt.datetime
    completed_at: dt.datetime | None
    units_done: int
    units: int


class Enrolled(Schema):
    """That the person takes a course."""

    course: uuid.UUID
    enrolled_at: dt.datetime


def _row(course: CoursePage, units: int) -> dict[str, Any]:
    return {
        "uid": course.uid,
        "title": course.title,
        "summary": course.summary,
        "hours": float(course.hours or Decimal(0)),
        "for_whom": course.for_whom,
        "units": units,
        "date": course.display_date,
        "url": course.get_url() or "",
    }


@router.get("/courses", response=Listing[CourseRow], summary=_("课程列表，新的在前"))
@allows(OPEN, scope="learning.read")
def courses(
    request: HttpRequest,
    q: Words = Query("", description=_("标题中的字")),
    page: PageNumber = 1,
    per_page: PerPage = 20,
) -> dict[str, Any]:
    """The courses that this person may see."""
    rows = courses_open_to(request.user)
    if wanted := q.strip():
        rows = rows.filter(title__icontains=wanted)
    return listing(rows, page, per_page, lambda course: _row(course, course.unit_count))


@router.get("/courses/{uid}", response=CourseFull, summary=_("一门课程：章、单元和本人的进度"))
@allows(OPEN, scope="learning.read")
def course(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """One course with its outline. Texts and films of units are for those who take it, on the site."""
    found = course_for(viewer_of(request.user), uid)
    if found is None:
        raise Http404
    outline = outline_of(found, request.user)
    return {
        **_row(found, len(outline.units)),
        "chapters": [
            {"title": chapter.chapter.title, "units": [_unit(state) for state in chapter.units]}
            for chapter in outline.chapters
        ],
        "enrolled_at": outline.enrolment.enrolled_at if outline.enrolment else None,
        "completed_at": outline.enrolment.completed_at if outline.enrolment else None,
        "per_cent": outline.per_cent,
    }


def _unit(state: UnitState) -> dict[str, Any]:
    return {
        "uid": state.unit.uid,
        "title": state.unit.title,
        "kind": state.unit.kind,
        "is_required": state.unit.is_required,
        "seconds": state.duration_seconds,
        "video": state.unit.video.uid if state.unit.video is not None else None,
        "is_done": state.is_done,
        "per_cent": state.share,
        "position_seconds": state.position_seconds,
    }


@router.get("/learning", response=Listing[LearningRow], summary=_("本人的学习记录，最近学习的在前"))
@allows(SIGNED_IN, scope="learning.read")
def learning(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 20) -> dict[str, Any]:
    """What the person learns and learnt. Nothing for somebody without a member file."""
    return listing(enrolments_of(request.user), page, per_page, _learnt)


def _learnt(enrolment: Any) -> dict[str, Any]:
    seen = enrolment.is_visible
    return {
        "course": enrolment.course.uid,
        "title": enrolment.course.title,
        "url": (enrolment.course.get_url() or "") if seen else "",
        "enrolled_at": enrolment.enrolled_at,
        "active_at": enrolment.active_at,
        "completed_at": enrolment.completed_at,
        "units_done": enrolment.done_count,
        "units": enrolment.unit_count,
    }


@router.post("/courses/{uid}/enrolment", response=Enrolled, summary=_("报名一门课程；重复报名不改变什么"))
@allows(SIGNED_IN, scope="learning.write")
def enrol(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """Take a course."""
    found = course_for(viewer_of(request.user), uid)
    if found is None:
        raise Http404
    member = member_of(request.user)
    if member is None:
        raise ApiRefusal(
            409, "no_member_file", _now("您的账号还没有关联党员档案，暂时不能报名。请联系所在支部的书记。")
        )
    try:
        enrolment = enrol_member(member, found)
    except CourseNotOpen:
        raise Http404 from None
    return {"course": found.uid, "enrolled_at": enrolment.enrolled_at}
