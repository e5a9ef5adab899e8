"""Getting on in a course: watching, reading, finishing units, finishing the course."""

from __future__ import annotations

import dataclasses

from django.db import transaction

from media_pipeline.models import Asset
from plugins.sdk import publish
from portal.events.school import CourseCompleted, UnitCompleted
from portal.ground.clock import now
from portal.organisations.models import Member
from portal.school.models import CoursePage, Enrolment, Progress, Unit
from portal.watching.domain.evidence import is_watched
from portal.watching.domain.videos import assets_of, duration_ms_of
from portal.watching.domain.watching import Beacon, Watch, open_watching, record_beacon, watch_of


class NotEnrolled(Exception):
    """The member does not take the course of this unit."""


class NotYetWatched(Exception):
    """The video was not seen far enough for the unit to count as done. `share` is the part seen, in whole per cent."""

    def __init__(self, share: int) -> None:
        super().__init__(f"{share} % watched")
        self.share = share


@dataclasses.dataclass(frozen=True)
class UnitWatch:
    """Where a member stands with a video unit after a beacon."""

    watch: Watch
    is_done: bool


def open_unit(member: Member, unit: Unit) -> UnitWatch:
    """Begin or go on watching a video unit on this device; a session elsewhere ends. Raises NotEnrolled.

    Gives the saved position and the token of the first beacon. Writes the member's watch session.
    """
    _enrolment_of(member, unit)
    return _finish_if_watched(member, unit, open_watching(member.user, unit.uid), duration_ms_of(asset_of(unit)))


def record_watch(member: Member, unit: Unit, beacon: Beacon) -> UnitWatch:
    """Credit what a beacon proves of a video unit, and mark the unit as done once enough distinct time was seen.

    Raises NotEnrolled, and the refusals of `portal.watching` (then nothing is credited). Writes Watched, then in a second
    transaction maybe Progress (lost between the two, it is made up by the next beacon or opening); emits UnitCompleted and
    CourseCompleted at most once. Safe to repeat with the same beacon.
    """
    _enrolment_of(member, unit)
    duration_ms = duration_ms_of(asset_of(unit))
    return _finish_if_watched(
        member, unit, record_beacon(member.user, unit.uid, beacon, duration_ms=duration_ms), duration_ms
    )


def _finish_if_watched(member: Member, unit: Unit, watch: Watch, duration_ms: int | None) -> UnitWatch:
    is_done = Progress.objects.filter(member=member, unit_uid=unit.uid).exists()
    if not is_done and is_watched(watch.watched_ms, duration_ms):
        with transaction.atomic():
            _finish(_enrolment_of(member, unit, lock=True), unit)
        is_done = True
    Enrolment.objects.filter(member=member, course_id=unit.chapter.course_id).update(active_at=now())
    return UnitWatch(watch, is_done)


def mark_unit_done(member: Member, unit: Unit) -> Progress:
    """Mark a unit as done for a member: a text by the member's word, a video only as far as the evidence goes.

    Raises NotEnrolled, NotYetWatched. Writes Progress and the enrolment; emits UnitCompleted once, and CourseCompleted once
    when nothing required is left. Safe to call again.
    """
    with transaction.atomic():
        enrolment = _enrolment_of(member, unit, lock=True)
        if unit.kind == Unit.Kind.VIDEO and not Progress.objects.filter(member=member, unit_uid=unit.uid).exists():
            duration_ms = duration_ms_of(asset_of(unit))
            watch = watch_of(member.user, unit.uid)
            if not is_watched(watch.watched_ms, duration_ms):
                raise NotYetWatched(watch.share(duration_ms))
        return _finish(enrolment, unit)


def asset_of(unit: Unit) -> Asset | None:
    """What plays in a video unit, None while nothing was uploaded."""
    if unit.kind != Unit.Kind.VIDEO or unit.video is None:
        return None
    return assets_of([unit.video]).get(unit.video.pk)


def _enrolment_of(member: Member, unit: Unit, *, lock: bool = False) -> Enrolment:
    """The enrolment, locked where two units finished at once must not both miss that the course is finished."""
    enrolments = Enrolment.objects.filter(member=member, course_id=unit.chapter.course_id)
    enrolment = (enrolments.select_for_update() if lock else enrolments).first()
    if enrolment is None:
        raise NotEnrolled(unit.title)
    enrolment.member, enrolment.course = member, unit.chapter.course
    return enrolment


def _finish(enrolment: Enrolment, unit: Unit) -> Progress:
    member, course = enrolment.member, enrolment.course
    progress, made = Progress.objects.get_or_create(member=member, unit_uid=unit.uid)
    if made:
        publish(
            UnitCompleted(
                member_uid=member.uid,
                unit_uid=unit.uid,
                course_uid=course.uid,
                unit_title=unit.title,
                occurred_at=progress.done_at,
            )
        )
        enrolment.active_at = progress.done_at
        enrolment.save(update_fields=["active_at"])
    if enrolment.completed_at is None and not _is_anything_left(member, course):
        enrolment.completed_at = now()
        enrolment.save(update_fields=["completed_at"])
        publish(
            CourseCompleted(
                member_uid=member.uid,
                course_uid=course.uid,
                course_title=course.title,
                occurred_at=enrolment.completed_at,
            )
        )
    return progress


def _is_anything_left(member: Member, course: CoursePage) -> bool:
    done = Progress.objects.filter(member=member).values("unit_uid")
    return Unit.objects.filter(chapter__course=course, is_required=True).exclude(uid__in=done).exists()
