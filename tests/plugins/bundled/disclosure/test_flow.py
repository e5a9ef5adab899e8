"""Propose, check by another person, publish, expire."""

import datetime as dt

import pytest

from plugins.bundled.disclosure.domain.flow import (
    NotYours,
    ReasonNeeded,
    SamePerson,
    WrongState,
    approve_item,
    follow_calendar,
    propose_item,
    return_item,
)
from plugins.bundled.disclosure.domain.searching import documents
from plugins.bundled.disclosure.models import Item
from portal.ground.clock import today
from portal.ground.jobs import run_due_jobs
from portal.ground.models import OutboxEntry
from portal.notices.domain import tasks_of
from portal.notices.models import Notice
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.plugins.bundled.disclosure.makers import make_item

pytestmark = pytest.mark.django_db
State = Item.State


@pytest.fixture
def house():
    """A committee with a branch, its secretary and a reviewer of the committee."""
    committee = make_committee()
    branch = make_branch(committee)
    return {
        "committee": committee,
        "branch": branch,
        "secretary": make_staff("secretary", branch),
        "reviewer": make_staff("reviewer", committee),
        "admin": make_staff("admin", committee),
    }


def _audited():
    lines = OutboxEntry.objects.filter(name="audit.line", payload__action__startswith="disclosure.")
    return [entry.payload["action"] for entry in lines.order_by("pk")]


def test_item_goes_from_draft_to_published_by_two_people(house):
    item = make_item(house["branch"])

    proposed = propose_item(item, house["secretary"])
    published = approve_item(proposed, house["reviewer"])

    assert published.state == State.PUBLISHED
    assert (published.proposed_by, published.checked_by) == (house["secretary"], house["reviewer"])
    assert published.published_at is not None
    assert OutboxEntry.objects.filter(name="disclosure.item_disclosed").get().payload["item_uid"] == str(item.uid)
    assert _audited() == ["disclosure.propose", "disclosure.approve"]


def test_who_proposed_cannot_check_even_with_every_right(house):
    item = propose_item(make_item(house["branch"]), house["admin"])

    with pytest.raises(SamePerson):
        approve_item(item, house["admin"])
    with pytest.raises(SamePerson):
        return_item(item, house["admin"], reason="自己退回")

    assert Item.objects.get().state == State.PROPOSED


def test_secretary_of_another_branch_cannot_propose_and_cannot_check(house):
    other = make_staff("secretary", make_branch(house["committee"]))
    item = make_item(house["branch"])

    with pytest.raises(NotYours):
        propose_item(item, other)
    propose_item(item, house["secretary"])
    with pytest.raises(NotYours):
        approve_item(item, other)


def test_item_cannot_skip_a_step_or_take_one_twice(house):
    item = make_item(house["branch"])

    with pytest.raises(WrongState):
        approve_item(item, house["reviewer"])
    propose_item(item, house["secretary"])
    with pytest.raises(WrongState):
        propose_item(item, house["secretary"])
    approve_item(item, house["reviewer"])
    with pytest.raises(WrongState):
        return_item(item, house["reviewer"], reason="晚了")


def test_returned_item_carries_its_reason_and_can_be_proposed_again(house):
    item = propose_item(make_item(house["branch"]), house["secretary"])
    with pytest.raises(ReasonNeeded):
        return_item(item, house["reviewer"], reason="  ")

    returned = return_item(item, house["reviewer"], reason="金额与台账不符")

    assert (returned.state, returned.return_reason, returned.is_locked) == (State.RETURNED, "金额与台账不符", False)
    again = propose_item(returned, house["secretary"])
    assert (again.state, again.return_reason, again.is_locked) == (State.PROPOSED, "", True)


def test_approved_item_waits_for_its_day_and_expires_after_its_last(house):
    item = approve_item(
        propose_item(make_item(house["branch"], days=3, lasts=2), house["secretary"]), house["reviewer"]
    )
    day = today()
    assert item.state == State.APPROVED
    assert list(documents([str(item.uid)])) == []

    assert follow_calendar(day + dt.timedelta(days=2)) == (0, 0)
    assert follow_calendar(day + dt.timedelta(days=3)) == (1, 0)
    assert follow_calendar(day + dt.timedelta(days=3)) == (0, 0)
    document = next(iter(documents([str(item.uid)])))
    assert follow_calendar(day + dt.timedelta(days=5)) == (0, 0)
    assert follow_calendar(day + dt.timedelta(days=6)) == (0, 1)

    begins = day + dt.timedelta(days=3)
    ends = day + dt.timedelta(days=5)
    assert (document.valid_from, document.valid_to) == (int(f"{begins:%Y%m%d}"), int(f"{ends:%Y%m%d}"))
    assert Item.objects.get().state == State.EXPIRED
    assert list(documents([str(item.uid)])) == []


def test_every_step_tells_the_search(house):
    item = make_item(house["branch"])
    before = OutboxEntry.objects.filter(name="content.changed", payload__uid=str(item.uid)).count()

    approve_item(propose_item(item, house["secretary"]), house["reviewer"])

    assert OutboxEntry.objects.filter(name="content.changed", payload__uid=str(item.uid)).count() > before


# --- telling ----------------------------------------------------------------------------------------------------------
def _told(user):
    run_due_jobs()
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("kind", "title", "url"))


def test_who_may_check_has_a_to_do_until_it_is_checked(house):
    item = propose_item(make_item(house["branch"]), house["secretary"])
    run_due_jobs()

    waiting = [task.title for task in tasks_of(house["reviewer"])]
    approve_item(item, house["reviewer"])

    assert waiting == ["公开事项《三季度党费公示》待审查"]
    assert _told(house["reviewer"])[0][::2] == ("disclosure.to_check", f"/p/disclosure/desk/{item.uid}/check/")
    assert list(tasks_of(house["reviewer"])) == []
    assert list(tasks_of(house["secretary"])) == []


def test_who_proposed_is_told_how_each_check_ended(house):
    item = propose_item(make_item(house["branch"]), house["secretary"])
    return_item(item, house["reviewer"], reason="缺少期间")
    returned = _told(house["secretary"])
    item = propose_item(Item.objects.get(pk=item.pk), house["secretary"])
    approve_item(item, house["reviewer"])

    assert returned == [
        ("disclosure.decided", "公开事项《三季度党费公示》被退回，请修改后再提交", f"/p/disclosure/desk/{item.uid}/")
    ]
    assert _told(house["secretary"])[1:] == [
        ("disclosure.decided", "公开事项《三季度党费公示》已通过审查", f"/p/disclosure/{item.uid}/")
    ]


def test_item_without_an_organisation_is_checked_by_whoever_may(house):
    item = make_item()
    propose_item(item, make_user(is_superuser=True))

    assert [task.url for task in tasks_of(house["reviewer"])] == [f"/p/disclosure/desk/{item.uid}/check/"]
