"""The course list, a unit, enrolling and finishing. The course page itself is a page."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.ground.rights import may, open_to_all, signed_in
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.people import member_of
from portal.organisations.models import Member
from portal.pages.domain.pictures import CARD, picture_addresses
from portal.school.domain.completion import NotEnrolled, NotYetWatched, mark_unit_done
from portal.school.domain.enrolment import enrol_member
from portal.school.domain.queries import (
    course_for,
    courses_open_to,
    enrolments_among,
    outline_of,
    unit_for,
)
from portal.school.models import CoursePage, Enrolment, Unit

PER_PAGE = 12


@dataclasses.dataclass(frozen=True)
class CourseCard:
    """A course in the list."""

    course: CoursePage
    cover: str
    enrolment: Enrolment | None


@open_to_all
@require_GET
def courses(request: HttpRequest) -> HttpResponse:
    """The courses that this person may see."""
    page = Paginator(courses_open_to(request.user), PER_PAGE).get_page(request.GET.get("page"))
    covers = picture_addresses([course.cover_id for course in page.object_list], [CARD])
    enrolments = enrolments_among(request.user, list(page.object_list))
    cards = [
        CourseCard(course, covers.get((course.cover_id, CARD), ""), enrolments.get(course.pk))
        for course in page.object_list
    ]
    return render(request, "school/courses.html", {"page_obj": page, "cards": cards})


@signed_in
@require_POST
def enrol(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Enrol the signed-in member and go to the first unit."""
    course = course_for(viewer_of(request.user), uid)
    if course is None:
        raise Http404
    member = member_of(request.user)
    if member is None:
        messages.error(request, _("您的账号还没有关联党员档案，暂时不能报名。请联系所在支部的书记。"))
        return redirect(course.url)
    enrol_member(member, course)
    messages.success(request, _("您已报名《%(title)s》，可以开始学习了。") % {"title": course.title})
    step = outline_of(course, request.user).step
    return redirect("school:unit", step.unit.uid) if step.unit is not None else redirect(course.url)


def unit_or_404(request: HttpRequest, uid: uuid.UUID) -> Unit:
    found = unit_for(viewer_of(request.user), uid)
    if found is None:
        raise Http404
    return found


def member_and_unit(request: HttpRequest, uid: uuid.UUID) -> tuple[Member, Unit]:
    """The learner and the unit; 404 for a unit that this person may not see, and for somebody who is no member."""
    found, member = unit_or_404(request, uid), member_of(request.user)
    if member is None:
        raise Http404
    return member, found


def may_look_into(user: Any, enrolment: Enrolment | None, course: CoursePage) -> bool:
    """Whether a unit's content is shown: to those who take the course, and to those who edit it."""
    return enrolment is not None or may(user, "pages.edit", course)


@signed_in
@require_GET
def unit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A unit: the video or the text, the outline beside it, the way on. Who does not take the course is offered it; who
    edits the course sees it without being counted."""
    found = unit_or_404(request, uid)
    course = found.chapter.course
    outline = outline_of(course, request.user)
    state = outline.state_of(found)
    may_learn, may_look = outline.enrolment is not None, may_look_into(request.user, outline.enrolment, course)
    counts = may_learn and found.kind == Unit.Kind.VIDEO
    context = {
        "course": course,
        "unit": found,
        "outline": outline,
        "state": state,
        "next_unit": outline.after(found),
        "may_learn": may_learn,
        "may_look": may_look,
        "asset": state.asset if may_look and found.kind == Unit.Kind.VIDEO else None,
        "source_url": reverse("files:video_playback", args=[found.video.uid]) if found.video else "",
        "position": state.position_seconds if counts else 0,
        "open_url": reverse("school:watch_open", args=[found.uid]) if counts else "",
        "beacon_url": reverse("school:watch", args=[found.uid]) if counts else "",
    }
    return render(request, "school/unit.html", context)


@signed_in
@require_POST
def unit_done(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Mark a unit as done and go to the next one."""
    member, found = member_and_unit(request, uid)
    course = found.chapter.course
    try:
        mark_unit_done(member, found)
    except NotEnrolled:
        messages.error(request, _("您还没有报名这门课程。先报名，学习才会记录下来。"))
        return redirect(course.url)
    except NotYetWatched as error:
        messages.error(
            request, _("视频还没有看完（已看 %(share)d%%），看完后会自动记为完成。") % {"share": error.share}
        )
        return redirect("school:unit", found.uid)
    outline = outline_of(course, request.user)
    if outline.step.unit is None or outline.step.kind == outline.step.kind.FINISHED:
        messages.success(request, _("您已学完《%(title)s》的全部必修单元。") % {"title": course.title})
        return redirect(course.url)
    messages.success(request, _("“%(title)s”已完成。") % {"title": found.title})
    return redirect("school:unit", (outline.after(found) or outline.step.unit).uid)
