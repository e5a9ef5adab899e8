"""Arranging the workbench: by buttons, by a whole order, for oneself only."""

from __future__ import annotations

import re

import pytest

from plugins.host import faults
from portal.ground.personal import Person
from portal.workbench.domain.arrangement import erase, export
from portal.workbench.models import Arrangement
from tests.factories import make_branch, make_member, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
CHANGE = "/workbench/arrange/change/"
TASKS, DRAFTS, BRANCHES = (f"workbench:workbench/cards/{name}.html" for name in ("tasks", "drafts", "branches"))


@pytest.fixture
def secretary(client):
    user = make_staff("secretary", make_branch())
    client.force_login(user)
    return user


def shown(client) -> list[str]:
    return re.findall(r'data-card="([^"]+)"', client.get("/workbench/?all=1").content.decode())


def own(client) -> list[str]:
    return [key for key in shown(client) if key in (TASKS, DRAFTS, BRANCHES)]


def test_card_moves_within_its_column_and_stays_at_the_end(client, secretary):
    before = own(client)
    for _ in range(2):  # the card of the organisations below stands between, though it shows nothing to this person
        client.post(CHANGE, {"did": "up", "card": DRAFTS})
    moved = own(client)
    client.post(CHANGE, {"did": "up", "card": TASKS})

    assert (before, moved) == ([TASKS, BRANCHES, DRAFTS], [TASKS, DRAFTS, BRANCHES])
    assert own(client)[0] == TASKS


def test_card_put_away_is_not_asked_and_comes_back(client, secretary, monkeypatch):
    from portal.workbench import contributions

    asked = []
    monkeypatch.setattr(contributions, "pile_of", lambda rows: asked.append(rows))
    client.post(CHANGE, {"did": "hide", "card": DRAFTS})
    hidden = own(client)
    page = client.get("/workbench/arrange/").content.decode()
    client.post(CHANGE, {"did": "show", "card": DRAFTS})

    assert (hidden, asked) == ([TASKS, BRANCHES], [])
    assert "放回" in page
    assert Arrangement.objects.get().hidden == []


def test_whole_order_is_set_and_strange_keys_are_left_out(client, secretary):
    answer = client.post(CHANGE, {"did": "order", "key": [DRAFTS, "x" * 5000, BRANCHES, DRAFTS, "\x00"]})

    assert (answer.status_code, own(client)) == (204, [TASKS, DRAFTS, BRANCHES])
    assert "x" * 5000 not in Arrangement.objects.get().order


def test_reset_brings_the_default_back(client, secretary):
    default = shown(client)
    client.post(CHANGE, {"did": "hide", "card": TASKS})
    client.post(CHANGE, {"did": "down", "card": BRANCHES})
    client.post(CHANGE, {"did": "reset"})

    assert (shown(client), Arrangement.objects.count()) == (default, 0)


@pytest.mark.parametrize("data", [{"did": "up", "card": "no.such"}, {"did": "steal", "card": TASKS}, {}])
def test_strange_orders_are_absent(client, secretary, data):
    assert client.post(CHANGE, data).status_code == 404


def test_card_of_a_role_one_has_not_cannot_be_arranged(client):
    client.force_login(make_member().user)

    assert client.post(CHANGE, {"did": "hide", "card": DRAFTS}).status_code == 404


def test_arrangement_is_the_persons_own(client, secretary):
    client.post(CHANGE, {"did": "hide", "card": TASKS})
    client.force_login(make_user())

    assert own(client) == [TASKS]


def test_all_put_away_says_where_they_are(client, secretary):
    for key in shown(client):
        client.post(CHANGE, {"did": "hide", "card": key})

    page = client.get("/workbench/?all=1").content.decode()

    assert (shown(client), "所有卡片都已收起" in page) == ([], True)


def test_failing_card_leaves_the_page_standing(client, secretary, monkeypatch):
    from portal.workbench import contributions

    def broken(rows):
        raise RuntimeError("the card is broken")

    monkeypatch.setattr(contributions, "pile_of", broken)
    faults.forget_breakers()

    assert own(client) == [TASKS, BRANCHES]
    faults.forget_breakers()


def test_keyboard_focus_returns_to_the_card_that_was_moved(client, secretary):
    answer = client.post(CHANGE, {"did": "down", "card": BRANCHES}, follow=True)

    row = re.search(rf'data-key="{re.escape(BRANCHES)}".*?</li>', answer.content.decode(), re.DOTALL)
    assert row is not None
    assert row[0].count("autofocus") == 1


def test_arranging_takes_a_fixed_number_of_queries(client, secretary):
    client.get("/workbench/arrange/")

    assert len(queries_of(lambda: client.get("/workbench/arrange/"))) <= 12


def test_arrangement_is_personal_data_that_can_be_erased(client, secretary):
    client.post(CHANGE, {"did": "hide", "card": TASKS})
    person = Person(user_uid=secretary.uid, user_id=secretary.pk)

    assert [row["hidden"] for table in export(person) for row in table.rows] == [[TASKS]]
    assert erase(person).rows == 1
    assert Arrangement.objects.count() == 0
