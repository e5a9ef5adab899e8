"""The workbench: what is due for whom."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from portal.ground.clock import today
from portal.notices.domain import Holders, open_task
from portal.organisations.models import Member
from portal.pages.domain.setup import review_workflow_at
from portal.pages.models import BranchPage, StandardPage
from portal.school.domain.enrolment import enrol_member
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user, site_root
from tests.factories.counting import queries_of
from tests.factories.learning import make_course, text_unit, units_of

pytestmark = pytest.mark.django_db

HOME = "/workbench/?all=1"
FIRST, REST = "/workbench/", "/workbench/?part=cards"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def write(author, organisation, title: str):
    """A draft by an author, not handed in."""
    page = site_root().add_child(
        instance=StandardPage(title=title, live=False, owner_organisation=organisation, has_unpublished_changes=True)
    )
    page.save_revision(user=author)
    return page


def hand_in(author, page):
    workflow = review_workflow_at(site_root())
    return workflow.start(page, author)


def test_workbench_needs_signing_in(client):
    assert client.get(FIRST).url == f"/account/login/?next={FIRST}"


def test_workbench_of_a_member_puts_the_next_unit_first(client):
    member = make_member()
    course = make_course([text_unit("第一讲")], title="十讲")
    enrol_member(member, course)
    client.force_login(member.user)

    answer = client.get(HOME)

    assert "十讲 已完成 0 / 1 个单元 0% 继续：第一讲" in text_of(answer)
    assert reverse("school:unit", args=[units_of(course)[0].uid]) in answer.content.decode()
    assert [name in answer.content.decode() for name in ("等我审核", "我的草稿", "支部主页")] == [False, False, False]


def test_workbench_without_anything_due_says_what_to_do_next(client):
    make_course([text_unit()])
    client.force_login(make_member().user)
    member_sees = text_of(client.get(HOME))
    client.force_login(make_user())
    outsider_sees = text_of(client.get(HOME))

    assert "现在没有在学的课程 党校有 1 门课程对您开放，报名后可以随时接着学。 选一门课程" in member_sees
    assert "待办 全部 待办 现在没有等您办理的事。" in outsider_sees


def test_workbench_of_a_secretary_counts_the_own_branch_only(client):
    committee = make_committee()
    branch, other = make_branch(committee, "甲支部"), make_branch(committee, "乙支部")
    for stage in ("full", "full", "probationary", "activist", "target", "applicant", "left"):
        Member.objects.create(name="林晓", organisation=branch, stage=stage)
    Member.objects.create(name="林晓", organisation=other)
    site = site_root().add_child(instance=BranchPage(title="甲支部", organisation=branch))
    client.force_login(make_staff("secretary", branch))

    open_task("late", Holders("pages.edit", branch), "补会议记录", "/x/", today() - dt.timedelta(days=1))
    open_task("missing", Holders("pages.edit", branch), "补资料", "/x/", kind="notices.missing")
    open_task("elsewhere", Holders("pages.edit", other), "别处的", "/x/")
    answer = client.get(HOME)

    figures = re.findall(r'figure-card[^"]*" href="([^"]+)"><strong>(\d+)</strong>', answer.content.decode())
    rows = f"/notices/tasks/?show=all&amp;{{}}unit={branch.code}"
    assert figures == [
        (rows.format(""), "2"),
        (rows.format("due=overdue&amp;"), "1"),
        (rows.format("kind=notices.missing&amp;"), "1"),
        (site.url, "3"),
        (site.url, "1"),
        (site.url, "2"),
    ]
    listed = [client.get(url.replace("&amp;", "&")).content.decode() for url, _count in figures[:3]]
    assert [("补会议记录" in page, "补资料" in page, "别处的" in page) for page in listed] == [
        (True, True, False),
        (True, False, False),
        (False, True, False),
    ]


def test_workbench_of_a_secretary_without_a_branch_page_links_to_the_directory(client):
    client.force_login(make_staff("secretary", make_branch()))

    assert f'class="figure-card" href="{reverse("pages:branches")}"' in client.get(HOME).content.decode()


def test_review_waits_for_reviewers_of_the_unit_and_not_for_its_author(client):
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    author = make_staff("editor", own)
    reviewer, stranger = make_staff("reviewer", own), make_staff("reviewer", other)
    page = write(author, own, "等审的稿件")
    hand_in(author, page)

    seen = {}
    for name, user in (("author", author), ("reviewer", reviewer), ("stranger", stranger)):
        client.force_login(user)
        page_text = text_of(client.get(HOME))
        seen[name] = ("审核：等审的稿件" in page_text, page_text.count("等审的稿件"))

    assert seen == {"author": (False, 0), "reviewer": (True, 1), "stranger": (False, 0)}
    client.force_login(reviewer)
    shown = client.get(reverse("workbench:reviews")).content.decode()
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in shown


def test_returned_page_waits_for_its_author(client):
    branch = make_branch()
    author, reviewer = make_staff("editor", branch), make_staff("reviewer", branch)
    page = write(author, branch, "要改的稿件")
    state = hand_in(author, page).current_task_state
    state.reject(user=reviewer, comment="请补日期")
    client.force_login(author)

    assert text_of(client.get(HOME)).count("修改后重新提交：要改的稿件") == 1
    assert "要改的稿件" in text_of(client.get(reverse("workbench:returned")))


def test_drafts_are_the_own_ones(client):
    branch = make_branch()
    author = make_staff("editor", branch)
    write(author, branch, "我的草稿一")
    write(make_staff("editor", branch), branch, "别人的草稿")
    client.force_login(author)

    assert ("我的草稿一" in text_of(client.get(HOME)), "别人的草稿" in text_of(client.get(HOME))) == (True, False)
    assert "别人的草稿" not in text_of(client.get(reverse("workbench:drafts")))


def test_pile_shows_five_and_counts_all(client):
    branch = make_branch()
    author = make_staff("editor", branch)
    for number in range(7):
        write(author, branch, f"草稿{number}")
    client.force_login(author)

    answer = client.get(HOME)

    assert len(re.findall(r">草稿\d</a>", answer.content.decode())) == 5
    assert "共 7 篇" in text_of(answer)
    assert len(client.get(reverse("workbench:drafts")).context["items"]) == 7


@pytest.mark.parametrize("name", ["reviews", "returned", "drafts"])
def test_lists_of_staff_are_closed_to_members(client, name):
    client.force_login(make_member().user)

    assert client.get(reverse(f"workbench:{name}")).status_code == 403


@pytest.mark.parametrize("address", [FIRST, REST])
def test_workbench_takes_a_fixed_number_of_queries(client, address):
    member, counts = make_member(), []
    client.force_login(member.user)
    for size in (1, 3):
        while member.enrolments.count() < size:
            enrol_member(member, make_course([text_unit("一"), text_unit("二")]))
        client.get(address)
        counts.append(len(queries_of(lambda: client.get(address))))

    assert counts[0] == counts[1] <= 20, counts


@pytest.mark.parametrize("address", [FIRST, REST])
def test_workbench_of_staff_takes_a_fixed_number_of_queries(client, address):
    branch, counts = make_branch(), []
    chief, author = make_staff("reviewer", branch), make_staff("editor", branch)
    client.force_login(chief)
    for size in (1, 3):
        for number in range(size):
            hand_in(author, write(author, branch, f"稿{size}{number}"))
            write(chief, branch, f"草稿{size}{number}")
        client.get(address)
        counts.append(len(queries_of(lambda: client.get(address))))

    assert counts[0] == counts[1] <= 20, counts


def test_first_page_holds_what_is_due_and_fetches_the_rest(client):
    member = make_member()
    enrol_member(member, make_course([text_unit("一")], title="要学的课"))
    client.force_login(member.user)

    first, rest, every = (client.get(address).content.decode() for address in (FIRST, REST, HOME))

    cards = [re.findall(r'data-card="([^"]+)"', page) for page in (first, rest, every)]
    assert f'hx-get="{REST}"' in first
    assert "<html" not in rest
    assert cards[0] + cards[1] == cards[2]
    assert f'hx-get="{REST}"' not in every
