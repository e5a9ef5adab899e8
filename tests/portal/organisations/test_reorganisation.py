"""The reorganisation from 54 to 121 branches, and the tree as of any day."""

import datetime as dt
from collections import Counter

import pytest

from portal.ground.clock import today
from portal.organisations.domain.history import members_as_of, organisation_of_member_as_of, organisations_as_of
from portal.organisations.models import Member, Membership, Organisation, OrganisationEvent
from tests.kept import rolled_back
from tests.portal.organisations import reorganisation as fixture
from tests.portal.organisations.rows import again

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def reorganised(django_db_setup, django_db_blocker):
    """Made once: the tests only read."""
    with rolled_back(django_db_blocker):
        committee = fixture.found_old_section()
        before = {member.pk: member.organisation_id for member in Member.objects.all()}
        fixture.reorganise(committee)
        yield committee, before


def kinds_on(day):
    return Counter(row.kind for row in organisations_as_of(day))


def branches_on(day):
    return sum(number for kind, number in kinds_on(day).items() if kind.endswith("branch") and kind != "general_branch")


def test_reorganisation_tree_as_of_before_and_after(reorganised):
    counts = {
        day: (
            kinds_on(day)["committee"],
            kinds_on(day)["general_branch"],
            branches_on(day),
            sum(members_as_of(day).values()),
        )
        for day in (fixture.BEFORE, fixture.DAY, fixture.AFTER)
    }

    assert counts == {
        fixture.BEFORE: (1, 6, 54, 750),
        fixture.DAY: (1, 18, 121, 1581),
        fixture.AFTER: (1, 18, 121, 1581),
    }
    assert kinds_on(fixture.AFTER)["joint_branch"] == 10
    assert kinds_on(fixture.AFTER)["temporary_branch"] == 1


def test_reorganisation_of_today_is_the_register_itself(reorganised):
    then = organisations_as_of(today())

    now = list(Organisation.objects.current())
    assert {(row.id, row.name, row.kind, row.level + 1) for row in then} == {
        (row.pk, row.name, row.kind, row.depth) for row in now
    }
    assert {row.id: row.parent_id for row in then} == {
        row.pk: (row.get_parent().pk if row.depth > 1 else None) for row in now
    }


def test_reorganisation_names_of_then(reorganised):
    committee, _before = reorganised

    names = {day: organisations_as_of(day)[0].name for day in (fixture.BEFORE, fixture.AFTER)}

    assert names == {fixture.BEFORE: "中共远山工务段委员会", fixture.AFTER: "中共远山工务机械段委员会"}
    assert again(committee).code == "Y"


def test_reorganisation_conserves_members(reorganised):
    _committee, before = reorganised

    homes = {
        pk: organisation_of_member_as_of(Member.objects.get(pk=pk), fixture.BEFORE).pk for pk in list(before)[::25]
    }
    assert homes == {pk: before[pk] for pk in homes}
    assert Member.objects.count() == 1581
    assert Membership.objects.filter(until__isnull=True).count() == 1581
    open_homes = dict(Membership.objects.filter(until__isnull=True).values_list("member_id", "organisation_id"))
    assert open_homes == dict(Member.objects.values_list("pk", "organisation_id"))
    assert not Member.objects.filter(organisation__ended_on__isnull=False).exists()


def test_reorganisation_leaves_a_sound_tree(reorganised):
    assert Organisation.find_problems() == ([], [], [], [], [])
    assert set(OrganisationEvent.objects.filter(happened_on=fixture.DAY).values_list("document_number", flat=True)) == {
        fixture.DOCUMENT
    }


def test_organisations_as_of_takes_one_query(reorganised, django_assert_num_queries):
    with django_assert_num_queries(1):
        organisations_as_of(fixture.AFTER)


def test_organisations_as_of_before_everything_is_empty(reorganised):
    assert organisations_as_of(dt.date(1990, 1, 1)) == []
