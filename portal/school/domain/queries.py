"""Reads of the school."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from media_pipeline.models import Asset
from portal.ground.prepared import Prepared
from portal.ground.suppliers import ANONYMOUS, Viewer, viewer_of
from portal.organisations.domain.audiences import visible_filter
from portal.organisations.domain.people import member_of
from portal.organisations.models import Member
from portal.school.models import Chapter, CoursePage, Enrolment, Progress, Unit
from portal.watching.domain.videos import assets_of, duration_ms_of
from portal.watching.domain.watching import Watch, watches_of


class StepKind(enum.StrEnum):
    """What a person should do next in a course."""

    SIGN_IN = "sign_in"
    NO_MEMBER_FILE = "no_member_file"
    EMPTY = "empty"
    ENROL = "enrol"
    START = "start"
    CONTINUE = "continue"
    FINISHED = "finished"


@dataclasses.dataclass(frozen=True)
class NextStep:
    """The one thing to offer: what, and with which unit (START, CONTINUE; the first one again when FINISHED)."""

    kind: StepKind
    unit: Unit | None = None


@dataclasses.dataclass(frozen=True)
class UnitState:
    """A unit as a person sees it in the outline."""

    unit: Unit
    is_done: bool
    share: int
    duration_seconds: int | None
    is_next: bool = False
    asset: Asset | None = None
    position_seconds: float = 0

    @property
    def duration(self) -> dt.timedelta | None:
        """How long it takes, as far as known."""
        return dt.timedelta(seconds=self.duration_seconds) if self.duration_seconds else None


@dataclasses.dataclass(frozen=True)
class ChapterState:
    """A chapter with its units in order."""

    chapter: Chapter
    units: tuple[UnitState, ...]

    @property
    def done_count(self) -> int:
        """How many of its units are done."""
        return sum(state.is_done for state in self.units)


@dataclasses.dataclass(frozen=True)
class Outline:
    """A course as a person sees it: chapters with states, and the next step."""

    chapters: tuple[ChapterState, ...]
    enrolment: Enrolment | None
    step: NextStep

    @property
    def units(self) -> tuple[UnitState, ...]:
        """All units in order."""
        return tuple(state for chapter in self.chapters for state in chapter.units)

    @property
    def done_count(self) -> int:
        """How many units are done."""
        return sum(state.is_done for state in self.units)

    @property
    def per_cent(self) -> int:
        """Units done of all, in whole per cent; 100 only when all are."""
        return self.done_count * 100 // len(self.units) if self.units else 0

    def state_of(self, unit: Unit) -> UnitState:
        """The state of one of its units. Raises StopIteration for another course's."""
        return next(state for state in self.units if state.unit.pk == unit.pk)

    def after(self, unit: Unit) -> Unit | None:
        """The unit that follows in order."""
        ordered = [state.unit for state in self.units]
        place = next((index for index, other in enumerate(ordered) if other.pk == unit.pk), len(ordered))
        return ordered[place + 1] if place + 1 < len(ordered) else None


def courses_open_to(user: Any) -> QuerySet[CoursePage]:
    """Published courses that a person may see, newest first, each with `unit_count`."""
    units = (
        Unit.objects.filter(chapter__course=OuterRef("pk")).order_by().values("chapter__course").annotate(n=Count("pk"))
    )
    courses: QuerySet[CoursePage] = (
        CoursePage.objects.visible_to(viewer_of(user))
        .annotate(unit_count=Coalesce(Subquery(units.values("n")), 0))
        .order_by("-display_date", "-pk")
    )
    return courses


def course_for(viewer: Viewer, uid: uuid.UUID) -> CoursePage | None:
    """The published course with this uid if the viewer may see it. One query either way."""
    course: CoursePage | None = CoursePage.objects.visible_to(viewer).filter(uid=uid).first()
    return course


def unit_for(viewer: Viewer, uid: uuid.UUID) -> Unit | None:
    """The unit with this uid, if its course is published and the viewer may see it. One query either way."""
    return (
        Unit.objects.filter(visible_filter(viewer, "chapter__course__"), uid=uid, chapter__course__live=True)
        .select_related("chapter__course__owner_organisation", "video")
        .first()
    )


def outline_of(course: CoursePage, user: Any) -> Outline:
    """Chapters and units of a course with this person's states, and the next step: a fixed number of queries."""
    chapters = _chapters_with_units(course)
    units = [unit for _, own in chapters for unit in own]
    assets = assets_of([unit.video for unit in units if unit.video is not None])
    member = member_of(user)
    enrolment = Enrolment.objects.filter(member=member, course=course).first() if member and course.pk else None
    done: set[uuid.UUID] = set()
    watches: dict[uuid.UUID, Watch] = {}
    if enrolment is not None:
        uids = [unit.uid for unit in units]
        done = done_units(enrolment.member_id, uids)
        watches = watches_of(user, uids)
    step = _step(user, member, enrolment, units, done, bool(watches))
    return Outline(
        tuple(
            ChapterState(chapter, tuple(_state(unit, done, watches, assets, step) for unit in own))
            for chapter, own in chapters
        ),
        enrolment,
        step,
    )


def _chapters_with_units(course: CoursePage) -> list[tuple[Chapter, list[Unit]]]:
    """Two queries for a stored course, none for a draft in memory."""
    if course.is_draft_in_memory or course.pk is None:
        return [(chapter, list(chapter.units.all())) for chapter in course.chapters_with_units()]
    found: dict[int, tuple[Chapter, list[Unit]]] = {
        chapter.pk: (chapter, []) for chapter in _chapters.rows(ANONYMOUS, course=course.pk)
    }
    for unit in _units.rows(ANONYMOUS, course=course.pk):  # the same for everybody who may see the course
        if unit.chapter_id in found:  # a chapter may have come between the two queries
            unit.chapter = found[unit.chapter_id][0]
            found[unit.chapter_id][1].append(unit)
    return list(found.values())


@Prepared
def _chapters(viewer: Viewer, *, course: int) -> QuerySet[Chapter]:
    return Chapter.objects.filter(course_id=course)


@Prepared
def _units(viewer: Viewer, *, course: int) -> QuerySet[Unit]:
    return Unit.objects.filter(chapter__course_id=course).select_related("video")


def next_step(course: CoursePage, user: Any) -> NextStep:
    """The one thing that a person should do next in this course."""
    return outline_of(course, user).step


def done_units(member_id: int, uids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these units a member is done with."""
    return set(Progress.objects.filter(member_id=member_id, unit_uid__in=uids).values_list("unit_uid", flat=True))


@dataclasses.dataclass(frozen=True)
class CourseInProgress:
    """A course that a member takes and has not finished, with the next unit."""

    course: CoursePage
    enrolment: Enrolment
    next_unit: Unit | None
    done_count: int
    unit_count: int

    @property
    def per_cent(self) -> int:
        """Units done of all, in whole per cent."""
        return self.done_count * 100 // self.unit_count if self.unit_count else 0


def courses_in_progress(user: Any, limit: int = 5) -> list[CourseInProgress]:
    """Unfinished courses of a person, last used first, as far as they are still visible: a fixed number of queries."""
    member = member_of(user)
    if member is None:
        return []
    enrolments = list(
        Enrolment.objects.filter(member=member, completed_at__isnull=True, course__live=True)
        .filter(visible_filter(viewer_of(user), "course__"))
        .select_related("course")
        .order_by("-active_at")[:limit]
    )
    units_of: dict[int, list[Unit]] = {enrolment.course_id: [] for enrolment in enrolments}
    if enrolments:
        rows = Unit.objects.filter(chapter__course__in=list(units_of)).select_related("chapter")
        for unit in rows.order_by("chapter__sort_order", "chapter_id", "sort_order", "pk"):
            units_of[unit.chapter.course_id].append(unit)
    done = done_units(member.pk, [unit.uid for units in units_of.values() for unit in units]) if enrolments else set()
    return [
        CourseInProgress(
            enrolment.course,
            enrolment,
            _next_unit(units_of[enrolment.course_id], done),
            sum(unit.uid in done for unit in units_of[enrolment.course_id]),
            len(units_of[enrolment.course_id]),
        )
        for enrolment in enrolments
    ]


def enrolments_of(user: Any) -> QuerySet[Enrolment]:
    """All that a person takes and took, last used first, each with its course, `is_visible` (whether the course may still be
    seen), `unit_count` and `done_count`: one query."""
    member = member_of(user)
    if member is None:
        return Enrolment.objects.none()
    units = Unit.objects.filter(chapter__course=OuterRef("course_id")).order_by()
    done = Progress.objects.filter(member=member, unit_uid=OuterRef("uid"))
    seen = CoursePage.objects.visible_to(viewer_of(user)).filter(pk=OuterRef("course_id")).order_by()
    return (
        Enrolment.objects.filter(member=member)
        .select_related("course")
        .annotate(
            is_visible=Exists(seen),
            unit_count=Coalesce(Subquery(_number(units)), 0),
            done_count=Coalesce(Subquery(_number(units.filter(Exists(done)))), 0),
        )
        .order_by("-active_at", "-pk")
    )


def _number(units: QuerySet[Unit]) -> Any:
    return units.values("chapter__course").annotate(n=Count("pk")).values("n")


def enrolments_among(user: Any, courses: Sequence[CoursePage]) -> dict[int, Enrolment]:
    """This person's enrolments in these courses, by the course's primary key: one query for members, none for others."""
    member = member_of(user)
    if member is None:
        return {}
    found = Enrolment.objects.filter(member=member, course__in=[course.pk for course in courses])
    return {enrolment.course_id: enrolment for enrolment in found}


def _next_unit(units: Sequence[Unit], done: set[uuid.UUID]) -> Unit | None:
    left = [unit for unit in units if unit.uid not in done]
    return next((unit for unit in left if unit.is_required), left[0] if left else None)


def _step(
    user: Any,
    member: Member | None,
    enrolment: Enrolment | None,
    units: Sequence[Unit],
    done: set[uuid.UUID],
    has_watched: bool,
) -> NextStep:
    if user is None or not user.is_authenticated:
        return NextStep(StepKind.SIGN_IN)
    if member is None:
        return NextStep(StepKind.NO_MEMBER_FILE)
    if not units:
        return NextStep(StepKind.EMPTY)
    if enrolment is None:
        return NextStep(StepKind.ENROL)
    unit = _next_unit(units, done)
    if unit is None or (enrolment.completed_at is not None and not unit.is_required):
        return NextStep(StepKind.FINISHED, units[0])
    return NextStep(StepKind.CONTINUE if done or has_watched else StepKind.START, unit)


def _state(
    unit: Unit, done: set[uuid.UUID], watches: dict[uuid.UUID, Watch], assets: dict[int, Asset], step: NextStep
) -> UnitState:
    asset = assets.get(unit.video_id) if unit.video_id else None
    duration_ms = duration_ms_of(asset)
    seconds = round(duration_ms / 1000) if duration_ms else (unit.minutes or 0) * 60 or None
    is_done = unit.uid in done
    watch = watches.get(unit.uid)
    share = 100 if is_done else (watch.share(duration_ms) if watch else 0)
    is_next = step.unit is not None and step.kind != StepKind.FINISHED and step.unit.uid == unit.uid
    return UnitState(unit, is_done, share, seconds, is_next, asset, watch.position_ms / 1000 if watch else 0)
