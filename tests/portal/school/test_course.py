"""Courses: enrolling, the next step, finishing; chapters and units that keep their identity through drafts and copies."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from portal.ground.models import OutboxEntry
from portal.organisations.domain.audiences import members_audience, organisation_audience
from portal.school.domain.completion import NotEnrolled, mark_unit_done
from portal.school.domain.enrolment import CourseNotOpen, enrol_member
from portal.school.domain.queries import (
    StepKind,
    courses_in_progress,
    courses_open_to,
    next_step,
    outline_of,
)
from portal.school.models import CoursePage, Enrolment, Progress, Unit
from tests.factories import make_branch, make_committee, make_member, make_user
from tests.factories.learning import make_course, text_unit, units_of, video_unit

pytestmark = pytest.mark.django_db


def event_names() -> list[str]:
    return [e.name for e in OutboxEntry.objects.filter(name__startswith="school.").order_by("pk")]


def fresh(user):
    return type(user).objects.get(pk=user.pk)


def test_enrol_twice_is_one_enrolment_and_one_event():
    member, course = make_member(), make_course([text_unit()])

    assert enrol_member(member, course) == enrol_member(member, course)
    assert event_names() == ["school.enrolled"]


def test_enrol_in_a_course_of_another_branch_is_refused():
    committee = make_committee()
    member = make_member(make_branch(committee))
    course = make_course([text_unit()], audience=organisation_audience(make_branch(committee)))

    with pytest.raises(CourseNotOpen, match=course.title):
        enrol_member(member, course)

    assert Enrolment.objects.count() == 0


def test_enrol_in_an_unpublished_course_is_refused():
    with pytest.raises(CourseNotOpen):
        enrol_member(make_member(), make_course([text_unit()], live=False))


def test_courses_open_to_each_person_are_exactly_those_of_the_audience():
    committee = make_committee()
    branch = make_branch(committee)
    member = make_member(branch)
    make_course(title="公开课")
    make_course(title="党员课", audience=members_audience())
    make_course(title="本支部课", audience=organisation_audience(branch))
    make_course(title="别的支部课", audience=organisation_audience(make_branch(committee)))
    make_course(title="未发布", live=False)
    make_course(title="受控", secrecy=2)

    seen = {
        who: {course.title for course in courses_open_to(user)}
        for who, user in [("nobody", AnonymousUser()), ("member", member.user)]
    }

    assert seen == {"nobody": {"公开课"}, "member": {"公开课", "党员课", "本支部课"}}


def test_next_step_leads_from_signing_in_to_the_end():
    member = make_member()
    course = make_course([text_unit("一"), text_unit("二")], [text_unit("三")])
    first, second, third = units_of(course)
    steps = [next_step(course, AnonymousUser()), next_step(course, make_user()), next_step(course, member.user)]
    enrol_member(member, course)
    steps.append(next_step(course, member.user))
    for unit in (first, third, second):
        mark_unit_done(member, unit)
        steps.append(next_step(course, member.user))

    assert [(step.kind, step.unit and step.unit.title) for step in steps] == [
        (StepKind.SIGN_IN, None),
        (StepKind.NO_MEMBER_FILE, None),
        (StepKind.ENROL, None),
        (StepKind.START, "一"),
        (StepKind.CONTINUE, "二"),
        (StepKind.CONTINUE, "二"),
        (StepKind.FINISHED, "一"),
    ]


def test_next_step_of_a_course_without_units_offers_nothing():
    assert next_step(make_course(), make_member().user).kind == StepKind.EMPTY


def test_course_is_completed_once_when_all_required_units_are_done():
    member = make_member()
    course = make_course([text_unit("必修"), text_unit("选修", is_required=False)])
    enrol_member(member, course)
    required, elective = units_of(course)

    mark_unit_done(member, required)
    mark_unit_done(member, elective)
    mark_unit_done(member, required)

    assert event_names() == [
        "school.enrolled",
        "school.unit_completed",
        "school.course_completed",
        "school.unit_completed",
    ]
    completed = Enrolment.objects.get().completed_at
    assert completed is not None


def test_mark_unit_done_without_enrolment_is_refused():
    course = make_course([text_unit("一")])

    with pytest.raises(NotEnrolled, match="一"):
        mark_unit_done(make_member(), units_of(course)[0])

    assert Progress.objects.count() == 0


def test_outline_counts_only_the_own_progress():
    one, other = make_member(), make_member()
    course = make_course([text_unit("一"), video_unit(90, "二")])
    for member in (one, other):
        enrol_member(member, course)
    mark_unit_done(one, units_of(course)[0])

    outlines = [outline_of(course, member.user) for member in (one, other)]

    assert [[(s.is_done, s.is_next, s.duration_seconds) for s in outline.units] for outline in outlines] == [
        [(True, False, None), (False, True, 90)],
        [(False, True, None), (False, False, 90)],
    ]
    assert [outline.per_cent for outline in outlines] == [50, 0]


@pytest.mark.parametrize("size", [1, 3])
def test_outline_takes_a_fixed_number_of_queries(size, django_assert_num_queries):
    member = make_member()
    course = make_course(*[[video_unit(60, f"{c}.{u}") for u in range(size)] for c in range(size)])
    enrol_member(member, course)
    course, user = CoursePage.objects.get(pk=course.pk), fresh(member.user)

    with django_assert_num_queries(7):
        outline_of(course, user)


@pytest.mark.parametrize("size", [1, 3])
def test_courses_in_progress_take_a_fixed_number_of_queries(size, django_assert_num_queries):
    member = make_member()
    for number in range(size):
        enrol_member(member, make_course([text_unit("一"), text_unit("二")], title=f"课程{number}"))
    user = fresh(member.user)

    with django_assert_num_queries(6):
        found = courses_in_progress(user)

    assert [(item.next_unit.title, item.done_count, item.unit_count) for item in found] == [("一", 0, 2)] * size


def test_course_in_progress_that_is_hidden_from_the_member_is_not_listed():
    member = make_member()
    course = make_course([text_unit()])
    enrol_member(member, course)
    course.audience = organisation_audience(make_branch())
    course.save()

    assert courses_in_progress(fresh(member.user)) == []


def test_course_search_body_holds_chapters_units_and_texts():
    course = make_course(
        [text_unit("怎样开好支部党员大会", body="<p>会前<strong>三天</strong>通知</p>")], summary="摘要"
    )

    assert CoursePage.objects.get(pk=course.pk).search_body() == "摘要\n第1章\n怎样开好支部党员大会\n会前三天通知"


# --- drafts and copies -------------------------------------------------------------------------------------------------


def test_publishing_a_draft_again_and_again_keeps_units_and_progress():
    member = make_member()
    course = make_course([text_unit("一")])
    enrol_member(member, course)
    before = units_of(course)[0]
    mark_unit_done(member, before)
    draft = course.save_revision().as_object()
    chapter = draft.chapters.all()[0]
    chapter.units.add(text_unit("二", sort_order=5))
    chapter.title = "新章名"
    revision = draft.save_revision()

    revision.publish()
    uids = [unit.uid for unit in units_of(course)]
    revision.publish()

    assert [unit.uid for unit in units_of(course)] == uids
    assert uids[0] == before.uid
    assert [(s.unit.title, s.is_done) for s in outline_of(CoursePage.objects.get(), member.user).units] == [
        ("一", True),
        ("二", False),
    ]


def test_draft_does_not_touch_what_members_see():
    course = make_course([text_unit("一")])
    draft = course.save_revision().as_object()
    draft.chapters.all()[0].units.all()[0].title = "改动"
    draft.chapters.clear()

    draft.save_revision()

    assert [unit.title for unit in units_of(course)] == ["一"]


def test_unit_taken_out_and_brought_back_keeps_its_progress():
    member = make_member()
    course = make_course([text_unit("一"), text_unit("二")])
    enrol_member(member, course)
    full = course.save_revision()
    full.publish()
    mark_unit_done(member, units_of(course)[1])
    draft = full.as_object()
    chapter = draft.chapters.all()[0]
    chapter.units.remove(chapter.units.all()[1])
    draft.save_revision().publish()
    shorter = [unit.title for unit in units_of(course)]

    full.publish()

    assert shorter == ["一"]
    states = outline_of(CoursePage.objects.get(pk=course.pk), member.user).units
    assert [(state.unit.title, state.is_done) for state in states] == [("一", False), ("二", True)]


def test_copy_published_again_and_again_has_units_of_its_own():
    original = make_course([text_unit("一")], [video_unit(60, "二")])
    original.save_revision().publish()
    originals = [(unit.pk, unit.uid) for unit in units_of(original)]

    copy = original.copy(update_attrs={"slug": "copy", "title": "复制的课程"})
    copy.get_latest_revision().publish()
    first = [(unit.title, unit.uid) for unit in units_of(copy)]
    CoursePage.objects.get(pk=copy.pk).get_latest_revision_as_object().save_revision().publish()

    assert [(unit.pk, unit.uid) for unit in units_of(original)] == originals
    assert [title for title, _uid in first] == ["一", "二"]
    assert [(unit.title, unit.uid) for unit in units_of(copy)] == first
    assert Unit.objects.count() == 4
