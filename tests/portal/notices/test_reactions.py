"""Told and asked because of what happened elsewhere: reviews, failed videos, terms that end."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import transaction
from django.urls import reverse

from plugins.sdk import publish
from portal.events.media import ProcessingFailed
from portal.events.organisations import OrganisationEnded, TermEnding
from portal.files.models import Video
from portal.ground.clock import today
from portal.ground.jobs import run_due_jobs
from portal.notices.domain import Holders, close_task, open_task, tasks_below, tasks_of, unread_of
from portal.notices.domain.reminders import remind_of_tasks
from portal.notices.models import Notice
from portal.organisations.domain.audiences import public_audience
from portal.pages.domain.setup import review_workflow_at
from portal.pages.models import StandardPage
from tests.factories import make_branch, make_committee, make_staff, make_user, site_root

pytestmark = pytest.mark.django_db


def work() -> None:
    for _ in range(4):
        run_due_jobs()


def told(user) -> list[tuple[str, str]]:
    work()
    return list(unread_of(user).values_list("title", "url"))


def asked(user) -> list[str]:
    return [task.title for task in tasks_of(type(user).objects.get(pk=user.pk))]


class House:
    def __init__(self):
        self.committee = make_committee()
        self.branch = make_branch(self.committee)
        self.author = make_staff("editor", self.branch)
        self.reviewer = make_staff("reviewer", self.branch)
        self.page = site_root().add_child(
            instance=StandardPage(
                title="植树活动", live=False, owner_organisation=self.branch, has_unpublished_changes=True
            )
        )
        self.page.save_revision(user=self.author)
        self.edit_url = reverse("wagtailadmin_pages:edit", args=[self.page.pk])

    def submit(self, by=None):
        review_workflow_at(site_root()).start(self.page, by or self.author)
        return self.page.current_workflow_task_state.specific


def test_page_handed_in_is_a_task_of_the_reviewers_and_not_of_its_author():
    house = House()
    other, above = make_staff("reviewer", make_branch(house.committee)), make_staff("reviewer", house.committee)
    house.submit()

    assert [asked(user) for user in (house.reviewer, house.author, other, above)] == [["审核：植树活动"], [], [], []]
    assert [task.title for task in tasks_below(above)] == ["审核：植树活动"]


def test_page_of_the_only_reviewer_is_a_task_of_the_level_above():
    house = House()
    above = make_staff("reviewer", house.committee)
    house.submit(by=house.reviewer)

    assert (asked(house.reviewer), asked(above)) == ([], ["审核：植树活动"])


def test_returned_page_is_told_with_the_reason_and_asked_of_the_author_until_handed_in_again():
    house = House()
    state = house.submit()
    state.task.specific.on_action(state, house.reviewer, "reject", comment="请补日期")

    assert told(house.author) == [("《植树活动》已退回修改", house.edit_url)]
    assert Notice.objects.get().message.text == "请补日期"
    assert (asked(house.reviewer), asked(house.author)) == ([], ["修改后重新提交：植树活动"])

    house.page.current_workflow_state.resume(user=house.author)

    assert (asked(house.reviewer), asked(house.author)) == (["审核：植树活动"], [])


def test_approved_page_is_told_to_the_author_and_nothing_is_asked_any_more():
    house = House()
    state = house.submit()
    state.task.specific.on_action(state, house.reviewer, "approve")

    house.page.refresh_from_db()
    assert told(house.author) == [("《植树活动》已审核通过", house.page.get_url())]
    assert (asked(house.reviewer), asked(house.author), told(house.reviewer)) == ([], [], [])


def test_decision_that_is_rolled_back_tells_nobody():
    house = House()
    state = house.submit()
    with transaction.atomic():
        state.task.specific.on_action(state, house.reviewer, "reject", comment="请补日期")
        transaction.set_rollback(True)

    assert (told(house.author), asked(house.reviewer), asked(house.author)) == ([], ["审核：植树活动"], [])


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_review_that_is_cancelled_or_whose_page_is_deleted_asks_nobody(how):
    house = House()
    house.submit()
    if how == "cancel":
        house.page.current_workflow_state.cancel(user=house.author)
    else:
        StandardPage.objects.get(pk=house.page.pk).delete()

    assert (asked(house.reviewer), asked(house.author)) == ([], [])


def fail(asset_uid, attempt):
    with transaction.atomic():
        publish(ProcessingFailed(asset_uid=asset_uid, attempt=attempt))


def test_failed_video_is_told_to_who_uploaded_it_once_an_attempt():
    uploader, asset = make_user(), uuid.uuid4()
    video = Video.objects.create(
        title="党课",
        asset_uid=asset,
        uploaded_by=uploader,
        owner_organisation=make_branch(),
        audience=public_audience(),
    )
    for attempt in ("1", "1", "2"):
        fail(asset, attempt)
    fail(uuid.uuid4(), "3")

    line = ("视频《党课》处理失败，请查看原因后重试", reverse("video:edit", args=[video.pk]))
    assert told(uploader) == [line, line]


def remind(branch, term, months):
    with transaction.atomic():
        publish(TermEnding(organisation_uid=branch.uid, term_uid=term, until=dt.date(2027, 5, 20), months_left=months))


def test_ending_term_is_one_task_and_a_notice_at_each_reminder():
    branch, term = make_branch(name="甲支部"), uuid.uuid4()
    manager, secretary = make_staff("admin", branch), make_staff("secretary", branch)
    for months in (6, 6, 3):
        remind(branch, term, months)
    title = "甲支部领导班子任期将于2027年5月20日届满，请筹备换届"

    assert [one for one, _url in told(manager)] == [title, title]
    assert [(task.title, task.due_on, task.by_hand) for task in tasks_of(manager)] == [
        (title, dt.date(2027, 5, 20), True)
    ]
    assert (told(secretary), asked(secretary)) == ([], [])


def test_dissolved_organisation_is_asked_for_no_election():
    branch, term = make_branch(), uuid.uuid4()
    manager = make_staff("admin", branch)
    remind(branch, term, 6)
    work()
    before = len(asked(manager))
    with transaction.atomic():
        publish(OrganisationEnded(organisation_uid=branch.uid, on=today()))
    work()

    assert (before, asked(manager)) == (1, [])


def test_task_reminds_before_on_and_after_its_last_day_once_each():
    branch = make_branch()
    reviewer, person = make_staff("reviewer", branch), make_user()
    day = dt.date(2026, 11, 20)
    open_task("r", Holders("pages.review", branch), "审核甲", "/x/", day)
    open_task("p", person, "交汇报", "/y/", day)
    open_task("later", person, "以后的", "/y/", day + dt.timedelta(days=300))
    close_task(open_task("done", person, "办完的", "/y/", day).key)
    for offset in (-4, -3, -2, -2, 0, 1, 3, 30):
        remind_of_tasks(day + dt.timedelta(days=offset))

    assert sorted(title for title, _url in told(reviewer)) == ["今天到期：审核甲", "即将到期：审核甲", "已逾期：审核甲"]
    assert sorted(title for title, _url in told(person)) == ["今天到期：交汇报", "即将到期：交汇报", "已逾期：交汇报"]
