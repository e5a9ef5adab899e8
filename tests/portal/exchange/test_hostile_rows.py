"""Rows that a sub-unit should not have sent, in a package that it signed itself."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from portal.exchange.domain.keys import own_card
from portal.exchange.domain.package import format as package_format
from portal.exchange.domain.package import packing
from portal.exchange.models import ReceivedPackage, StagedLine
from portal.ground import exchange as declared
from portal.ground.exchange import ExchangeKind
from portal.organisations.models import Member, Organisation
from tests.factories import make_branch
from tests.portal.exchange import makers
from tests.portal.exchange.test_hostile import refusal
from tests.portal.members.makers import full_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """The superior's site has the sub-unit, which may send the workshop's subtree, and somebody outside of it."""
    with makers.made_once(django_db_blocker) as settings:
        upper, lower = makers.two_sites(settings)
        top = makers.make_register()
        workshop = Organisation.objects.get(name="检修党总支")
        outsider = full_file(make_branch(top, "机关党支部"), name="外人")
        makers.trust(lower, relation="subordinate", organisation=workshop)
        yield upper, lower, top, outsider


@pytest.fixture
def below(made, settings):
    """The superior's site is on. Gives its rows and what makes a package of the sub-unit's own."""
    upper, lower = (makers.at_hand(site, settings) for site in made[:2])
    upper.be()
    top, outsider = Organisation.objects.get(pk=made[2].pk), Member.objects.get(pk=made[3].pk)
    workshop = Organisation.objects.get(name="检修党总支")

    def package(scope, rows):
        """Whatever rows the sub-unit likes, signed by it."""

        class Liar(ExchangeKind):
            def __init__(self, name):
                self.name, self.version, self.sealed = name, 1, frozenset()

            def export(self, _scope, only=None):
                yield from rows.get(self.name, [])

            read = match = write = title = None

        Liar.__abstractmethods__ = frozenset()
        receiver = own_card()
        header = package_format.Header(
            uid=declared.uuid.uuid4(),
            sender=lower.uid,
            sender_name="下级",
            receiver=receiver.site,
            receiver_name="本站",
            top_uid=scope["uid"],
            top_code=scope["code"],
            top_name=scope["name"],
            purpose="",
            made_at=dt.datetime.now(dt.UTC),
            serial=1,
            acknowledges=0,
        )
        target = io.BytesIO()
        lower.be()
        kinds = tuple(Liar(name) for name in ("organisations", "organisation_events", "members", "posts"))
        packing.pack(target, header, receiver.seal_key, kinds, declared.Scope(""), lambda _kind, _row: None)
        upper.be()
        return target.getvalue()

    return top, workshop, outsider, package


def test_sub_units_own_subtree_comes_in(below):
    _top, workshop, _outsider, package = below
    rows = makers.rows_of(workshop)

    row = makers.looked_at(package(rows["organisations"][0], rows))

    assert row.state == ReceivedPackage.State.CHECKED, row.note
    assert row.counts["organisations"] == {"same": 3}
    assert row.counts["members"] == {"same": 2}


def test_scope_outside_of_what_the_sub_unit_may_send_is_refused(below):
    top, _workshop, _outsider, package = below
    rows = makers.rows_of(top)

    assert "可以发送的范围内" in refusal(package(rows["organisations"][0], rows))


def test_row_of_a_foreign_organisation_refuses_the_whole_package(below):
    top, workshop, _outsider, package = below
    rows = makers.rows_of(workshop)
    foreign = {**makers.rows_of(top)["organisations"][-1], "parent": rows["organisations"][0]["uid"], "name": "改名"}
    rows["organisations"].append(foreign)

    row = makers.looked_at(package(rows["organisations"][0], rows))

    assert row.state == ReceivedPackage.State.REFUSED
    assert "不在对方可以发送的范围内" in row.note
    assert not row.lines.exists()
    assert not Organisation.objects.filter(name="改名").exists()


def test_organisation_that_the_package_does_not_hold_refuses_it(below):
    top, workshop, outsider, package = below
    rows = makers.rows_of(workshop)
    rows["members"].append(
        {**makers.rows_of(top)["members"][-1], "uid": str(outsider.uid), "organisation": str(top.uid)}
    )

    row = makers.looked_at(package(rows["organisations"][0], rows))

    assert (row.state, row.lines.exists()) == (ReceivedPackage.State.REFUSED, False)


@pytest.mark.parametrize("by", ["uid", "id number"])
def test_member_of_another_unit_is_not_taken_over(below, by):
    _top, workshop, outsider, package = below
    rows = makers.rows_of(workshop)
    stolen = {**rows["members"][0], "name": "被盗", "memberships": [], "awards": []}
    stolen |= (
        {"uid": str(outsider.uid), "id_number": ""}
        if by == "uid"
        else {
            "uid": "019000aa-0000-7000-8000-00000000000f",
            "id_number": outsider.file.id_number,
        }
    )
    rows["members"].append(stolen)

    row = makers.take_in(package(rows["organisations"][0], rows))

    (line,) = row.lines.filter(act=StagedLine.Act.KEPT_OUT)
    assert "组织关系转接" in line.note
    outsider.refresh_from_db()
    assert (outsider.name, outsider.organisation.name) == ("外人", "机关党支部")
    assert not Member.objects.filter(name="被盗").exists()


@pytest.mark.parametrize(
    "damage",
    [
        {"name": "党\x00支部"},
        {"name": "长" * 121},
        {"kind": "party"},
        {"founded_on": "2026-02-30"},
        {"latitude": "99.000000", "longitude": "1.000000"},
        {"latitude": "1.000000"},
        {"states": [{"parent": None}]},
        {"terms": "none"},
        {"code": None},
        {"uid_more": "x"},
    ],
)
def test_impossible_row_is_kept_out_and_the_rest_comes_in(below, damage):
    _top, workshop, _outsider, package = below
    rows = makers.rows_of(workshop)
    rows["organisations"][-1].update(damage)

    row = makers.looked_at(package(rows["organisations"][0], rows))

    assert row.state == ReceivedPackage.State.CHECKED, row.note
    assert (row.counts["organisations"]["same"], row.counts["organisations"]["kept_out"]) == (2, 1)
    assert row.lines.get(act="kept_out", kind="organisations").note


def test_row_that_comes_twice_refuses_the_package(below):
    _top, workshop, _outsider, package = below
    rows = makers.rows_of(workshop)
    rows["members"].append(rows["members"][0])

    assert "出现了两次" in makers.looked_at(package(rows["organisations"][0], rows)).note
