"""Several people change the register at once: tree paths never collide, nobody is entered where it ended."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.organisations.domain.members import enter_member, move_member
from portal.organisations.domain.refusals import Refused
from portal.organisations.domain.reorganising import NewOrganisation, split_organisation
from portal.organisations.domain.tree import dissolve_organisation, found_organisation, move_organisation
from portal.organisations.models import Member, Membership, Organisation
from tests.factories import make_branch, make_committee

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY = dt.date(2026, 3, 1)


def together(*works):
    """Run all at once in threads of their own; the refusals, and whatever else went wrong is raised."""
    ready = threading.Barrier(len(works))

    def run(work):
        try:
            ready.wait(10)
            work()
        except Refused as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return [result for result in pool.map(run, works) if result]


def test_founding_below_one_superior_at_once_gives_each_a_place():
    committee = make_committee()

    refused = together(
        *(
            lambda n=n: found_organisation(code=f"N{n}", name=f"{n}班", kind="branch", parent=committee, founded_on=DAY)
            for n in range(8)
        )
    )

    assert refused == []
    assert len(set(Organisation.objects.filter(depth=2).values_list("path", flat=True))) == 8
    assert Organisation.find_problems() == ([], [], [], [], [])


def test_founding_with_one_code_at_once_succeeds_once():
    committee = make_committee()

    refused = together(
        *(
            lambda: found_organisation(code="N1", name="一班", kind="branch", parent=committee, founded_on=DAY)
            for _ in range(4)
        )
    )

    assert refused == ["CodeTaken"] * 3


def test_two_moves_into_each_other_leave_a_tree():
    committee = make_committee()
    one, two = (make_branch(committee, name, kind="committee") for name in ("甲党委", "乙党委"))

    refused = together(
        lambda: move_organisation(one, two, on=DAY),
        lambda: move_organisation(two, one, on=DAY),
    )

    assert len(refused) == 1
    assert Organisation.find_problems() == ([], [], [], [], [])


def test_entering_while_it_is_dissolved_never_leaves_a_member_there():
    committee = make_committee()
    for round_number in range(5):
        branch = make_branch(committee, f"{round_number}班")

        refused = together(
            lambda branch=branch: enter_member("林晓", branch),
            lambda branch=branch: dissolve_organisation(branch),
        )

        ended = Organisation.objects.get(pk=branch.pk).ended_on is not None
        assert len(refused) == 1
        assert branch.members.count() == (0 if ended else 1)


def test_moving_a_member_while_the_branch_is_split_keeps_one_membership():
    committee = make_committee()
    other = make_branch(committee, "别处")
    for round_number in range(5):
        branch = make_branch(committee, f"{round_number}班")
        members = [enter_member(f"党员{n}", branch, since=dt.date(2020, 1, 1)) for n in range(4)]
        ids = [member.pk for member in members]
        parts = [
            NewOrganisation(f"S{round_number}A", "一", "branch", members=ids[:2]),
            NewOrganisation(f"S{round_number}B", "二", "branch", members=ids[2:]),
        ]

        together(
            lambda branch=branch, parts=parts: split_organisation(branch, parts, stays=False, on=DAY),
            lambda member=members[0]: move_member(member, other, on=DAY),
        )

    homes = dict(Membership.objects.filter(until__isnull=True).values_list("member_id", "organisation_id"))
    assert homes == dict(Member.objects.values_list("pk", "organisation_id"))
    assert not Member.objects.filter(organisation__ended_on__isnull=False).exists()
