"""The pages: what is not for a reader is not there; the desk keeps the steps apart."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.bundled.disclosure.domain.flow import approve_item, propose_item
from plugins.bundled.disclosure.models import Category, Item
from portal.ground.clock import today
from portal.organisations.domain.audiences import organisation_audience, public_audience
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.plugins.bundled.disclosure.makers import make_item

pytestmark = pytest.mark.django_db
State = Item.State


def _client(user=None):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def test_published_item_is_listed_and_opens_for_its_audience_only():
    mine, other = make_branch(), make_branch()
    item = make_item(mine, audience=organisation_audience(mine), state=State.PUBLISHED, title="本支部的事")
    inside, outside = _client(make_member(mine).user), _client(make_member(other).user)
    url = reverse("disclosure:item", args=[item.uid])

    assert inside.get(url).status_code == 200
    assert "本支部的事" in inside.get(reverse("disclosure:items")).content.decode()
    for stranger in (outside, _client()):
        assert stranger.get(url).status_code == 404
        for page in ("disclosure:items", "disclosure:calendar"):
            assert "本支部的事" not in stranger.get(reverse(page)).content.decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": State.PUBLISHED}, 200),
        ({"state": State.PUBLISHED, "days": 1}, 404),
        ({"state": State.PUBLISHED, "days": -10, "lasts": 5}, 404),
        ({"state": State.PUBLISHED, "days": -10, "lasts": 10}, 200),
        ({"state": State.PUBLISHED, "days": -10, "lasts": None}, 200),
        ({"state": State.APPROVED}, 200),
        ({"state": State.DRAFT}, 404),
        ({"state": State.PROPOSED}, 404),
        ({"state": State.RETURNED}, 404),
        ({"state": State.EXPIRED}, 404),
        ({"state": State.PUBLISHED, "secrecy": 1}, 404),
    ],
)
def test_item_opens_for_everybody_only_while_it_is_disclosed(fields, status):
    item = make_item(audience=public_audience(), **fields)

    assert _client().get(reverse("disclosure:item", args=[item.uid])).status_code == status


def test_calendar_shows_a_month_by_day_and_takes_nonsense_for_this_month():
    item = make_item(audience=public_audience(), state=State.PUBLISHED)
    day = today()

    this_month = _client().get(reverse("disclosure:calendar"), {"month": f"{day:%Y-%m}"})
    nonsense = _client().get(reverse("disclosure:calendar"), {"month": "2026-13'"})
    long_ago = _client().get(reverse("disclosure:calendar"), {"month": "2001-02"})

    assert [(d.date, list(d.items)) for d in this_month.context["month"].days] == [(day, [item])]
    assert nonsense.context["month"] == this_month.context["month"]
    assert long_ago.context["month"].days == ()


def test_list_of_items_asks_as_often_for_three_as_for_one():
    asked = []
    for number in range(3):
        category = Category.objects.create(name=f"类别{number}")
        make_item(make_branch(), audience=public_audience(), state=State.PUBLISHED, category=category)
        with CaptureQueriesContext(connection) as queries:
            page = _client().get(reverse("disclosure:items"), {"once": number})
        asked.append(len([q for q in queries if "disclosure_" in q["sql"]]))
        assert len(page.context["page_obj"].object_list) == number + 1

    assert asked[0] == asked[2] == 3


def test_desk_takes_an_item_from_writing_to_publishing_through_two_people():
    committee = make_committee()
    branch = make_branch(committee)
    category = Category.objects.create(name="服务群众")
    secretary = _client(make_staff("secretary", branch))
    reviewer = _client(make_staff("reviewer", committee))
    data = {
        "title": "办实事项目进展",
        "category": category.pk,
        "body": "晚餐时段延长。",
        "owner_organisation": branch.pk,
        "publish_on": today().isoformat(),
        "scope": "organisation",
    }

    assert secretary.post(reverse("disclosure:new"), data).status_code == 302
    item = Item.objects.get()
    assert (item.state, item.audience) == (State.DRAFT, organisation_audience(branch))
    secretary.post(reverse("disclosure:propose", args=[item.uid]))
    assert "办实事项目进展" in reviewer.get(reverse("disclosure:desk")).content.decode()
    reviewer.post(reverse("disclosure:check", args=[item.uid]), {"decision": "approve"})

    item.refresh_from_db()
    assert item.state == State.PUBLISHED


def test_desk_form_with_a_mistake_keeps_what_was_written():
    branch = make_branch()
    secretary = _client(make_staff("secretary", branch))
    category = Category.objects.create(name="服务群众")
    data = {
        "title": "标题",
        "category": category.pk,
        "body": "写了很多",
        "owner_organisation": branch.pk,
        "publish_on": "2026-07-10",
        "expires_on": "2026-07-01",
        "scope": "members",
    }

    response = secretary.post(reverse("disclosure:new"), data)

    page = response.content.decode()
    assert response.status_code == 200
    assert "“公开至”不能早于公开日期。" in page
    assert "写了很多" in page
    assert not Item.objects.exists()


def test_desk_refuses_an_organisation_of_somebody_else():
    mine, other = make_branch(), make_branch()
    secretary = _client(make_staff("secretary", mine))
    data = {
        "title": "标题",
        "category": Category.objects.create(name="服务群众").pk,
        "body": "内容",
        "owner_organisation": other.pk,
        "publish_on": today().isoformat(),
        "scope": "members",
    }

    assert secretary.post(reverse("disclosure:new"), data).status_code == 200
    assert not Item.objects.exists()


def test_returning_without_a_reason_says_so_and_changes_nothing():
    committee = make_committee()
    branch = make_branch(committee)
    item = propose_item(make_item(branch), make_staff("secretary", branch))
    reviewer = _client(make_staff("reviewer", committee))

    response = reviewer.post(reverse("disclosure:check", args=[item.uid]), {"decision": "return", "reason": " "})

    assert response.status_code == 409
    assert "退回时请写明理由，让提出人知道怎么改。" in response.content.decode()
    item.refresh_from_db()
    assert item.state == State.PROPOSED


def test_checked_page_of_another_branch_is_not_there():
    committee = make_committee()
    branch = make_branch(committee)
    item = propose_item(make_item(branch), make_staff("secretary", branch))
    outsider = _client(make_staff("reviewer", make_branch(committee)))

    assert outsider.get(reverse("disclosure:check", args=[item.uid])).status_code == 404


def test_desk_is_closed_to_plain_members_and_sends_strangers_to_the_login():
    desk = reverse("disclosure:desk")

    assert _client(make_member().user).get(desk).status_code == 403
    assert _client().get(desk).status_code == 302


def test_proposed_item_cannot_be_edited_any_more():
    branch = make_branch()
    secretary = make_staff("secretary", branch)
    item = propose_item(make_item(branch), secretary)

    assert _client(secretary).get(reverse("disclosure:edit", args=[item.uid])).status_code == 404


def test_text_of_an_item_is_escaped():
    item = make_item(
        audience=public_audience(), state=State.PUBLISHED, body="<script>alert(1)</script>", title="<b>题</b>"
    )

    page = _client().get(reverse("disclosure:item", args=[item.uid])).content.decode()

    assert "<script>alert" not in page
    assert "<b>题" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_approve_on_the_day_is_visible_at_once():
    committee = make_committee()
    branch = make_branch(committee)
    item = make_item(branch, audience=public_audience())

    approve_item(propose_item(item, make_staff("secretary", branch)), make_staff("reviewer", committee))

    assert _client().get(reverse("disclosure:item", args=[item.uid])).status_code == 200
