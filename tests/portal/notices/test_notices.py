"""Notices: told once, read once, to the right person."""

from __future__ import annotations

import re

import pytest

from portal.ground.jobs import run_due_jobs
from portal.notices.domain.notices import ForeignAddress, mark_read, notify, unread_of
from portal.notices.models import Notice
from portal.school.domain.completion import mark_unit_done
from portal.school.domain.enrolment import enrol_member
from tests.factories import make_member, make_user
from tests.factories.learning import make_course, text_unit, units_of

pytestmark = pytest.mark.django_db


def test_notify_twice_is_one_notice_even_after_reading():
    user = make_user()
    first = notify(user, "a:1", "第一条", "/x/")
    mark_read(user)

    again = notify(user, "a:1", "换了说法")

    assert (again.pk, Notice.objects.get().title, list(unread_of(user))) == (first.pk, "第一条", [])


@pytest.mark.parametrize("url", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
def test_notify_with_an_address_elsewhere_is_refused(url):
    with pytest.raises(ForeignAddress, match=re.escape(url)):
        notify(make_user(), "a", "标题", url)

    assert Notice.objects.count() == 0


def test_mark_read_leaves_other_people_alone():
    one, other = make_user(), make_user()
    for user in (one, other):
        notify(user, "a", "标题")

    assert (mark_read(one), mark_read(one)) == (1, 0)
    assert unread_of(other).count() == 1


def test_member_who_finishes_a_course_is_told_on_the_workbench(client):
    member, course = make_member(), make_course([text_unit()], title="十讲")
    enrol_member(member, course)
    mark_unit_done(member, units_of(course)[0])
    for _ in range(5):
        run_due_jobs()
    client.force_login(member.user)

    before = client.get("/workbench/").content.decode()
    client.post("/workbench/notices/read/")
    after = client.get("/workbench/").content.decode()

    assert f'<a href="{course.url}">您已学完《十讲》的全部必修单元</a>' in before
    assert "您已学完《十讲》" not in after
