"""Submit, review, publish: reviewers of the responsible organisation or above, never the author."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import TaskState, Workflow
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from portal.news.models import ArticlePage
from portal.pages.models import ColumnPage, ReviewTask, ReviewTaskState
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.factories.pages import make_column, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """A committee with two branches, a site, a column of the first branch."""

    class House:
        committee = make_committee()
        branch = make_branch(committee, "检修一班党支部")
        other = make_branch(committee, "运行二值党支部")
        site = make_site(committee)
        column = make_column(site, "工作动态", owner_organisation=branch)

    return House


def _draft(house, author, title="待审的稿件"):
    column = ColumnPage.objects.get(pk=house.column.pk)
    page = column.add_child(instance=ArticlePage(title=title, live=False, owner=author))
    page.save_revision(user=author)
    return page


def _submit(page, author):
    page.get_workflow().start(page, author)
    return page.current_workflow_task_state.specific


def _approval_address(page, state):
    return reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])


def test_column_inherits_the_review_workflow(house):
    workflow = _draft(house, make_user()).get_workflow()

    assert [task.specific.__class__ for task in workflow.tasks] == [ReviewTask]


def test_reviewer_of_the_organisation_publishes_and_readers_see_it(house, client):
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.branch)
    page = _draft(house, author)
    state = _submit(page, author)
    assert client.get(page.url).status_code == 404

    state.task.specific.on_action(state, reviewer, "approve")

    page.refresh_from_db()
    assert page.live
    assert client.get(page.url).status_code == 200


def test_reviewer_of_an_organisation_above_may_decide(house):
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.committee)
    state = _submit(_draft(house, author), author)

    state.task.specific.on_action(state, reviewer, "approve")

    assert ReviewTaskState.objects.get().finished_by == reviewer


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_author_may_not_decide_even_with_every_role(house, action):
    author = make_staff("editor", house.branch)
    for role in ("reviewer", "admin"):
        from portal.organisations.domain.rights import grant_role

        grant_role(author, role, house.committee)
    page = _draft(house, author)
    state = _submit(page, author)

    with pytest.raises(PermissionDenied):
        state.task.specific.on_action(state, author, action)

    page.refresh_from_db()
    assert (page.live, state.task.specific.get_actions(page, author)) == (False, [])


def test_superuser_may_not_approve_own_work(house):
    author = make_user(is_superuser=True)
    state = _submit(_draft(house, author), author)

    with pytest.raises(PermissionDenied):
        state.task.specific.on_action(state, author, "approve")


def test_reviewer_who_changed_the_draft_counts_as_author(house):
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.branch)
    page = _draft(house, author)
    page.title = "审核人改过的稿件"
    page.save_revision(user=reviewer)
    state = _submit(page, author)

    with pytest.raises(PermissionDenied):
        state.task.specific.on_action(state, reviewer, "approve")


def test_reviewer_whose_version_says_the_same_may_still_approve(house):
    """The editor keeps a version whenever a reviewer decides, even if not a letter was changed."""
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.branch)
    page = _draft(house, author)
    _submit(page, author)
    page.save_revision(user=reviewer)

    state = page.current_workflow_task_state
    state.task.specific.on_action(state, reviewer, "approve")

    page.refresh_from_db()
    assert page.live is True


def test_author_of_an_older_published_version_may_review_the_next_one(house):
    first, second = make_staff("reviewer", house.branch), make_staff("editor", house.branch)
    page = _draft(house, first)
    page.get_latest_revision().publish()
    page.refresh_from_db()
    page.title = "改过的稿件"
    page.save_revision(user=second)
    state = _submit(page, second)

    state.task.specific.on_action(state, first, "approve")

    page.refresh_from_db()
    assert page.title == "改过的稿件"


def test_reviewer_of_another_branch_and_an_editor_may_not_decide(house):
    author = make_staff("editor", house.branch)
    state = _submit(_draft(house, author), author)

    for user in (make_staff("reviewer", house.other), make_staff("editor", house.branch)):
        with pytest.raises(PermissionDenied):
            state.task.specific.on_action(state, user, "approve")

    assert TaskState.objects.get().status == TaskState.STATUS_IN_PROGRESS


def test_sent_back_story_stays_a_draft_with_the_reason(house):
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.branch)
    page = _draft(house, author)
    state = _submit(page, author)

    state.task.specific.on_action(state, reviewer, "reject", comment="请补充来源")

    page.refresh_from_db()
    assert (page.live, ReviewTaskState.objects.get().comment) == (False, "请补充来源")


def test_queue_holds_what_the_person_may_decide_in_one_query(house):
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.branch)
    stranger = make_staff("reviewer", house.other)
    states = [_submit(_draft(house, author, f"稿件{number}"), author).pk for number in range(3)]
    task = ReviewTask.objects.get()
    task.get_task_states_user_can_moderate(reviewer)

    with CaptureQueriesContext(connection) as captured:
        queue = sorted(state.pk for state in task.get_task_states_user_can_moderate(reviewer))

    assert (queue, len(captured)) == (states, 1)
    assert list(task.get_task_states_user_can_moderate(stranger)) == []
    assert list(task.get_task_states_user_can_moderate(author)) == []


def test_editor_has_no_publish_button_and_cannot_publish_by_hand(house):
    author = make_staff("editor", house.branch)
    page = _draft(house, author)
    client = Client()
    client.force_login(author)
    address = f"/admin/pages/{page.pk}/edit/"

    html = client.get(address).content.decode()
    form = {
        "title": "偷偷发布",
        "body": streamfield([]),
        "attachments": inline_formset([]),
        "comments": inline_formset([]),
        "display_date": "2026-11-21",
        "secrecy": "0",
        "slug": page.slug,
        "action-publish": "1",
    }
    response = client.post(address, nested_form_data(form))

    page.refresh_from_db()
    assert response.status_code == 302
    assert page.get_latest_revision().content["title"] == "偷偷发布"
    assert 'name="action-submit"' in html
    assert 'name="action-publish"' not in html
    assert page.live is False


def test_reviewer_finds_the_story_on_the_dashboard_and_approves_there(house):
    author, reviewer = make_staff("editor", house.branch), make_staff("reviewer", house.branch)
    page = _draft(house, author, "等待审核的稿件")
    state = _submit(page, author)
    client = Client()
    client.force_login(reviewer)

    dashboard = client.get("/admin/").content.decode()
    client.post(_approval_address(page, state))

    page.refresh_from_db()
    assert "等待审核的稿件" in dashboard
    assert page.live


def test_author_gets_nothing_by_posting_the_approval_address(house):
    author = make_staff("editor", house.branch)
    from portal.organisations.domain.rights import grant_role

    grant_role(author, "reviewer", house.branch)
    page = _draft(house, author)
    state = _submit(page, author)
    client = Client()
    client.force_login(author)

    response = client.post(_approval_address(page, state))

    page.refresh_from_db()
    assert response.status_code != 404
    assert page.live is False


def test_one_workflow_serves_the_whole_site(house):
    assert Workflow.objects.filter(name="内容审核").count() == 1
