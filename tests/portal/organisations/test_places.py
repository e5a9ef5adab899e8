"""The drawn map: true to scale, one dot for what lies together, narrowed to a subtree."""

from decimal import Decimal

import pytest

from portal.organisations.domain.places import HEIGHT, KM_PER_DEGREE, MARGIN, WIDTH, draw, plan_of
from portal.organisations.models import Organisation
from tests.factories import make_branch, make_committee, make_user

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


def at(latitude, longitude, parent, name="站"):
    row = make_branch(parent, name)
    Organisation.objects.filter(pk=row.pk).update(latitude=Decimal(str(latitude)), longitude=Decimal(str(longitude)))
    row.refresh_from_db()
    return row


def test_plan_keeps_distances_and_has_the_north_above():
    committee = make_committee()
    south, north, east = at(30, 120, committee), at(31, 120, committee), at(30, 121, committee)

    dots, km_per_unit = draw([south, north, east])

    low, high, right = dots
    assert high.y < low.y
    assert right.x > low.x
    assert (low.y - high.y) * km_per_unit == pytest.approx(KM_PER_DEGREE, rel=0.01)
    assert (right.x - low.x) * km_per_unit == pytest.approx(KM_PER_DEGREE * 0.862, rel=0.01)  # cos 30.5°
    assert all(MARGIN - 1 <= dot.x <= WIDTH - MARGIN + 1 for dot in dots)
    assert all(MARGIN - 1 <= dot.y <= HEIGHT - MARGIN + 1 for dot in dots)


def test_places_close_together_share_a_dot_and_one_place_is_no_world():
    committee = make_committee()
    here, beside, far = at(30, 120, committee), at(30.0001, 120, committee), at(31, 121, committee)

    dots, _km = draw([here, beside, far])
    alone, km_per_unit = draw([here])

    assert [dot.organisations for dot in dots] == [[here, beside], [far]]
    assert (alone[0].x, alone[0].y) == (WIDTH / 2, HEIGHT / 2)
    assert km_per_unit * WIDTH == pytest.approx(0.2)


def test_date_line_is_crossed():
    committee = make_committee()

    dots, km_per_unit = draw([at(0, 179.5, committee), at(0, -179.5, committee)])

    assert (dots[1].x - dots[0].x) * km_per_unit == pytest.approx(KM_PER_DEGREE, rel=0.01)


def test_plan_of_a_subtree_counts_those_without_a_place(django_assert_num_queries):
    ours, theirs = make_committee("甲公司党委"), make_committee("乙公司党委")
    at(30, 120, ours), at(31, 121, theirs), make_branch(ours)

    with django_assert_num_queries(2):
        plan = plan_of(ours)

    assert (len(plan.dots), plan.placed, plan.unplaced, plan.cut) == (1, 1, 2, 0)
    assert plan_of().placed == 2


def test_map_page_shows_dots_with_their_list_and_narrows(client):
    ours, theirs = make_committee("甲公司党委"), make_committee("乙公司党委")
    at(30, 120, ours, "甲一<站>"), at(31, 121, theirs, "乙一站")
    assert client.get("/organisations/map/").status_code == 302
    client.force_login(make_user(), backend=BACKEND)

    page = client.get("/organisations/map/").content.decode()
    narrowed = client.get(f"/organisations/map/?below={ours.code}").content.decode()
    unknown = client.get("/organisations/map/?below=no%00such").content.decode()

    assert 'href="#place-2"' in page
    assert 'id="place-2"' in page
    assert "甲一&lt;站&gt;" in page
    assert "乙一站" not in narrowed.split("plan-list", 1)[1]
    assert "没有这个组织" in unknown
    assert "style=" not in page.split("<main", 1)[1]


def test_map_without_places_says_so(client):
    make_committee()
    client.force_login(make_user(), backend=BACKEND)

    assert "还没有登记位置的组织" in client.get("/organisations/map/").content.decode()
