"""What the school adds to the portal: its menu entry, and what a member has to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from plugins.sdk import Card, CardContext, Figure, MenuItem, Tile, TileContext, on
from portal.events.school import CourseCompleted
from portal.ground.clock import month_starts
from portal.notices.domain import declare_kind, notify
from portal.organisations.domain.people import member_of
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Member
from portal.school.domain.queries import courses_in_progress, courses_open_to
from portal.school.models import CoursePage, Enrolment

COMPLETED = declare_kind(
    "school.course_completed",
    "学完课程",
    "A course completed",
    outside="您的学习有新进展，请登录门户查看。",
    outside_en="There is news about your learning. Please sign in to the portal.",
)


def learning_card(context: CardContext) -> Mapping[str, Any] | None:
    """Courses in progress, each with its next step; without one, the way to the list. Nothing for who is no member."""
    if member_of(context.user) is None:
        return None
    running = courses_in_progress(context.user)
    return {"running": running, "offered": 0 if running else courses_open_to(context.user).count()}


@on(CourseCompleted)
def tell_of_completion(event: CourseCompleted) -> None:
    """Tell the member, once a course; nothing for a member without a login or a course that is gone."""
    member = Member.objects.filter(uid=event.member_uid).select_related("user").first()
    course = CoursePage.objects.filter(uid=event.course_uid).first()
    if member is None or member.user is None or course is None:
        return
    title = _("您已学完《%(title)s》的全部必修单元") % {"title": course.title}
    notify(f"school.course_completed:{course.uid}", member.user, COMPLETED.code, title, course.url or "")


def completed_tile(context: TileContext) -> Figure:
    """Courses completed this month by members of the organisations that the person oversees, against the month before: one query."""
    this, before = month_starts()
    scope = within_paths(paths_where(context.request.user, OVERSEE), "member__organisation__path")
    found = Enrolment.objects.filter(scope, completed_at__gte=before).aggregate(
        now=Count("pk", filter=Q(completed_at__gte=this)),
        before=Count("pk", filter=Q(completed_at__lt=this)),
        people=Count("member", filter=Q(completed_at__gte=this), distinct=True),
    )
    return Figure(
        found["now"], note=_("%(n)s 名党员学完") % {"n": found["people"]}, trend=found["now"] - found["before"]
    )


OVERSEE = "workbench.oversee"
tiles = [
    Tile(
        "completed",
        "本月学完课程",
        completed_tile,
        "Courses completed this month",
        unit="门次",
        unit_en="courses",
        needs=OVERSEE,
        order=30,
    ),
]
menu = [MenuItem("党校", "school:courses", label_en="Party school", order=30)]
cards = [
    Card(
        "正在学习",
        "school/cards/learning.html",
        learning_card,
        label_en="Learning now",
        order=10,
        route="school:courses",
    )
]
