"""Courses in the administration: an editor makes one in the form, and cannot throw away what members learned."""

from __future__ import annotations

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from portal.basepage.models import BasePage
from portal.school.domain.enrolment import enrol_member
from portal.school.models import CoursePage
from tests.factories import make_committee, make_member, make_staff, site_root
from tests.factories.learning import make_course, make_video, text_unit, units_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee():
    return make_committee()


@pytest.fixture
def section(committee):
    return site_root().add_child(instance=BasePage(title="课程", owner_organisation=committee))


@pytest.fixture
def chief(client, committee):
    user = make_staff("admin", committee)
    client.force_login(user)
    return user


def form_of(*units: dict) -> dict:
    chapter = {"title": "第一章", "units": inline_formset(units)}
    return {
        **nested_form_data(
            {
                "title": "支部书记必修课",
                "slug": "ke",
                "secrecy": "0",
                "display_date": "2026-11-21",
                "summary": "",
                "cover": "",
                "intro": rich_text("<p>介绍</p>"),
                "hours": "4.5",
                "for_whom": "支部书记",
                "chapters": inline_formset([chapter]),
            }
        ),
    }


def unit_form(**values) -> dict:
    return {
        "title": "单元",
        "kind": "text",
        "minutes": "",
        "is_required": "on",
        "video": "",
        "body": rich_text("<p>正文</p>"),
        **values,
    }


def test_editor_makes_and_publishes_a_course_in_the_form(client, chief, section):
    video = make_video(60, owner_organisation=section.owner_organisation)
    body = form_of(unit_form(title="读"), unit_form(title="看", kind="video", video=str(video.pk), body=rich_text("")))

    answer = client.post(
        reverse("wagtailadmin_pages:add", args=["school", "coursepage", section.pk]), {**body, "action-publish": "1"}
    )

    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    course = CoursePage.objects.get()
    assert (course.live, str(course.hours), course.owner_organisation) == (True, "4.5", section.owner_organisation)
    assert [(u.chapter.title, u.title, u.kind, u.video) for u in units_of(course)] == [
        ("第一章", "读", "text", None),
        ("第一章", "看", "video", video),
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "video"}, "请为视频单元选择一个视频，或把形式改为“图文”。"),
        ({"body": rich_text("")}, "请填写图文单元的正文，或把形式改为“视频”。"),
    ],
)
def test_editor_is_told_what_a_unit_lacks_and_loses_nothing(client, chief, section, values, sentence):
    body = form_of(unit_form(title="辛苦写好的标题", **values))

    answer = client.post(
        reverse("wagtailadmin_pages:add", args=["school", "coursepage", section.pk]), {**body, "action-publish": "1"}
    )

    assert sentence in answer.content.decode()
    assert "辛苦写好的标题" in answer.content.decode()
    assert CoursePage.objects.count() == 0


def test_editing_the_published_course_keeps_the_units(client, chief, section):
    course = make_course([text_unit("一")], parent=section, owner_organisation=section.owner_organisation)
    before = units_of(course)[0]
    page = client.get(reverse("wagtailadmin_pages:edit", args=[course.pk]))
    assert "学习单元" in page.content.decode()
    chapter = course.chapters.get()
    body = form_of(unit_form(title="二"))
    body |= {
        "chapters-INITIAL_FORMS": "1",
        "chapters-0-id": str(chapter.pk),
        "chapters-0-units-INITIAL_FORMS": "1",
        "chapters-0-units-0-id": str(before.pk),
    }

    answer = client.post(
        reverse("wagtailadmin_pages:edit", args=[course.pk]), {**body, "slug": course.slug, "action-publish": "1"}
    )

    assert answer.status_code == 302
    assert [(u.pk, u.uid, u.title) for u in units_of(course)] == [(before.pk, before.uid, "二")]


def test_course_with_learners_is_not_deleted(client, chief, section):
    course = make_course([text_unit()], parent=section, owner_organisation=section.owner_organisation)
    enrol_member(make_member(), course)

    answer = client.post(reverse("wagtailadmin_pages:delete", args=[section.pk]), follow=True)

    assert "《课程》已有 1 条报名和学习记录，不能删除。" in answer.content.decode()
    assert CoursePage.objects.filter(pk=course.pk).exists()


def test_course_without_learners_is_deleted(client, chief, section):
    course = make_course([text_unit()], parent=section, owner_organisation=section.owner_organisation)

    client.post(reverse("wagtailadmin_pages:delete", args=[course.pk]))

    assert CoursePage.objects.count() == 0
