"""Notices: told once, read once, to the right person."""

from __future__ import annotations

import re

import pytest
from django.db import transaction

from portal.ground.jobs import run_due_jobs
from portal.ground.rights import UndeclaredRight
from portal.notices.domain import (
    ForeignAddress,
    Holders,
    MembersOf,
    UnknownKind,
    close_task,
    mark_read,
    notify,
    open_task,
    tasks_below,
    tasks_of,
    unread_of,
)
from portal.notices.domain.notices import KeyTooLong
from portal.notices.models import Message, Notice, Task
from portal.organisations.models import RoleGrant
from portal.school.domain.completion import mark_unit_done
from portal.school.domain.enrolment import enrol_member
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of
from tests.factories.learning import make_course, text_unit, units_of

pytestmark = pytest.mark.django_db

REVIEW = "pages.review"
GENERAL = "notices.general"


def deliver_all() -> None:
    for _ in range(5):
        run_due_jobs()


def titles(user) -> list[str]:
    deliver_all()
    return list(unread_of(user).values_list("title", flat=True))


def test_notify_twice_is_one_notice_even_after_reading():
    user = make_user()
    notify("a:1", user, GENERAL, "第一条", "/x/")
    assert titles(user) == ["第一条"]
    mark_read(user)

    notify("a:1", user, GENERAL, "第一条", "/x/")
    notify("a:1", user, GENERAL, "换了说法")

    assert (titles(user), Notice.objects.get().title) == ([], "第一条")


def test_notify_again_with_more_people_tells_the_new_ones_only():
    first, second = make_user(), make_user()
    notify("a:1", first, GENERAL, "标题")
    deliver_all()
    mark_read(first)

    notify("a:1", [first, second], GENERAL, "标题")

    assert (titles(first), titles(second), Message.objects.count()) == ([], ["标题"], 1)


def test_notify_rolled_back_tells_nobody():
    user = make_user()
    with transaction.atomic():
        notify("a:1", user, GENERAL, "标题")
        transaction.set_rollback(True)

    assert titles(user) == []


@pytest.mark.parametrize("url", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
def test_address_elsewhere_is_refused(url):
    with pytest.raises(ForeignAddress, match=re.escape(url)):
        notify("a", make_user(), GENERAL, "标题", url)
    with pytest.raises(ForeignAddress, match=re.escape(url)):
        open_task("a", make_user(), "标题", url)

    assert (Message.objects.count(), Task.objects.count()) == (0, 0)


def test_unknown_kind_right_and_long_key_are_refused():
    with pytest.raises(UnknownKind, match=r"no\.such"):
        notify("a", make_user(), "no.such", "标题")
    with pytest.raises(UndeclaredRight, match=r"no\.right"):
        Holders("no.right", make_branch())
    with pytest.raises(KeyTooLong):
        open_task("k" * 151, make_user(), "标题", "/x/")


def test_holders_are_those_of_the_nearest_level_at_delivery():
    committee = make_committee()
    branch, other = make_branch(committee), make_branch(committee)
    above, stranger = make_staff("reviewer", committee), make_staff("reviewer", other)
    notify("a", Holders(REVIEW, branch), GENERAL, "甲")
    own = make_staff("reviewer", branch)
    gone = make_staff("reviewer", branch, is_active=False)

    seen = {name: titles(user) for name, user in (("own", own), ("above", above), ("other", stranger), ("gone", gone))}

    assert seen == {"own": ["甲"], "above": [], "other": [], "gone": []}


def test_holders_of_every_level_are_all_told():
    committee = make_committee()
    branch = make_branch(committee)
    above, own = make_staff("reviewer", committee), make_staff("reviewer", branch)
    notify("a", Holders(REVIEW, branch, every_level=True, except_user=own), GENERAL, "甲")

    assert (titles(above), titles(own)) == (["甲"], [])


def test_person_suspended_before_delivery_is_not_told():
    user = make_user()
    notify("a", user, GENERAL, "标题")
    user.is_active = False
    user.save()
    deliver_all()

    assert Notice.objects.count() == 0


def test_members_of_a_subtree_are_told_and_no_others():
    committee = make_committee()
    inside, outside = make_member(make_branch(committee)), make_member()
    left = make_member(make_branch(committee), stage="left")
    notify("a", MembersOf(committee), GENERAL, "全体党员大会")

    assert [titles(member.user) for member in (inside, outside, left)] == [["全体党员大会"], [], []]


def test_mark_read_leaves_other_people_alone():
    one, other = make_user(), make_user()
    notify("a", [one, other], GENERAL, "标题")
    deliver_all()

    assert (mark_read(one), mark_read(one)) == (1, 0)
    assert unread_of(other).count() == 1


def test_member_who_finishes_a_course_is_told_on_the_workbench(client):
    member, course = make_member(), make_course([text_unit()], title="十讲")
    enrol_member(member, course)
    mark_unit_done(member, units_of(course)[0])
    deliver_all()
    client.force_login(member.user)

    before = client.get("/workbench/").content.decode()
    answer = client.post("/notices/read/", {"next": "/workbench/"})
    after = client.get("/workbench/").content.decode()

    assert answer.url == "/workbench/"
    notice = Notice.objects.get()
    assert f'<a href="/notices/{notice.uid}/">您已学完《十讲》的全部必修单元</a>' in before
    assert client.get(f"/notices/{notice.uid}/").url == course.url
    assert "您已学完《十讲》" not in after


def keys(tasks) -> list[str]:
    return [task.key for task in tasks]


def fresh(user):
    """The person as the next request reads it: what was cached about roles is gone."""
    return type(user).objects.get(pk=user.pk)


def test_task_is_seen_by_a_successor_and_no_longer_by_who_left():
    branch = make_branch()
    first, successor = make_staff("reviewer", branch), make_user()
    open_task("t", Holders(REVIEW, branch), "审核", "/x/")
    before = keys(tasks_of(first))
    RoleGrant.objects.filter(user=first).delete()
    RoleGrant.objects.create(user=successor, role="reviewer", organisation=branch)

    assert (before, keys(tasks_of(fresh(first))), keys(tasks_of(successor))) == (["t"], [], ["t"])


def test_task_is_the_nearest_holders_and_looked_over_from_above():
    committee = make_committee()
    manned, vacant = make_branch(committee), make_branch(committee)
    own, above = make_staff("reviewer", manned), make_staff("reviewer", committee)
    stranger = make_staff("reviewer", make_branch())
    for key, organisation in (("manned", manned), ("vacant", vacant)):
        open_task(key, Holders(REVIEW, organisation), "审核", "/x/")

    seen = {
        name: (keys(tasks_of(u)), keys(tasks_below(u))) for name, u in zip("oas", (own, above, stranger), strict=True)
    }

    assert seen == {"o": (["manned"], []), "a": (["vacant"], ["manned"]), "s": ([], [])}


def test_task_of_the_only_holder_who_is_excepted_rises_to_the_next_level():
    committee = make_committee()
    branch = make_branch(committee)
    author, above = make_staff("reviewer", branch), make_staff("reviewer", committee)
    make_staff("reviewer", branch, is_active=False)
    open_task("t", Holders(REVIEW, branch, except_user=author), "审核", "/x/")

    assert (keys(tasks_of(author)), keys(tasks_of(above))) == ([], ["t"])


def test_task_for_another_right_is_not_seen():
    branch = make_branch()
    open_task("t", Holders("organisations.manage", branch), "审核", "/x/")

    assert keys(tasks_of(make_staff("reviewer", branch))) == []


def test_open_task_again_replaces_words_and_people_and_opens_a_closed_one():
    one, other = make_user(), make_user()
    first = open_task("t", one, "缺 3 项", "/x/")
    again = open_task("t", one, "缺 3 项", "/x/")
    close_task("t", by=one)
    closed = keys(tasks_of(one))

    open_task("t", [other], "缺 2 项", "/y/")

    assert (first.pk, closed, keys(tasks_of(one))) == (again.pk, [], [])
    assert [(task.title, task.url, task.closed_by) for task in tasks_of(other)] == [("缺 2 项", "/y/", None)]


def test_close_task_twice_closes_once_and_puts_its_announcement_away():
    user = make_user()
    open_task("t", user, "办理", "/x/", announce=True)
    assert titles(user) == ["办理"]

    assert (close_task("t", by=user), close_task("t"), close_task("absent")) == (True, False, False)
    assert (titles(user), Task.objects.get().closed_by) == ([], user)


def test_tasks_of_a_person_are_one_query_beside_the_roles():
    branch, counts = make_branch(), []
    user = make_staff("reviewer", branch)
    for size in (1, 3):
        for number in range(size):
            open_task(f"{size}.{number}", Holders(REVIEW, branch), "审核", "/x/")
        tasks_of(user)
        counts.append(len(queries_of(lambda: [str(task.organisation) for task in tasks_of(user)])))

    assert counts == [1, 1]
