"""One organisation becomes several, several become one."""

import datetime as dt

import pytest

from portal.ground.models import OutboxEntry
from portal.organisations.domain.history import members_as_of, time_line
from portal.organisations.domain.members import enter_member, move_member
from portal.organisations.domain.refusals import (
    CodeTaken,
    OrganisationEnded,
    Refused,
    WrongDate,
    WrongLevel,
    WrongMembers,
    WrongName,
    WrongPlace,
)
from portal.organisations.domain.reorganising import NewOrganisation, merge_organisations, split_organisation
from portal.organisations.domain.tree import found_organisation
from portal.organisations.models import Member, OrganisationEvent, Post
from tests.factories import make_branch, make_committee
from tests.portal.organisations.rows import DAY, again, everything

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def branch_of_six():
    branch = make_branch(make_committee(), "大支部")
    people = [enter_member(f"党员{n}", branch, since=dt.date(2020, 1, 1)) for n in range(6)]
    group = make_branch(branch, "一组", kind="group")
    return branch, people, group


def two_parts(people, group, **first):
    ids = [member.pk for member in people]
    return [
        NewOrganisation(
            **{"code": "S1", "name": "甲", "kind": "branch", "members": ids[:3], "organisations": [group.pk], **first}
        ),
        NewOrganisation("S2", "乙", "branch", members=ids[3:]),
    ]


def test_split_organisation_divides_members_and_groups(branch_of_six):
    branch, people, group = branch_of_six
    Post.objects.create(organisation=branch, member=people[0], kind="secretary", since=dt.date(2020, 1, 1))
    above = branch.get_parent()
    upper = Post.objects.create(
        organisation=above, member=people[1], kind="committee_member", since=dt.date(2020, 1, 1)
    )

    one, two = split_organisation(branch, two_parts(people, group), stays=False, on=DAY, document_number="文4")

    assert [one.members.count(), two.members.count(), branch.members.count()] == [3, 3, 0]
    assert again(group).get_parent() == one
    assert again(branch).ended_on == DAY
    assert not Post.objects.filter(organisation=branch, ended_on__isnull=True).exists()
    assert Post.objects.get(pk=upper.pk).ended_on is None
    assert members_as_of(DAY - dt.timedelta(days=1))[branch.pk] == 6
    event = OrganisationEvent.objects.get(kind="split")
    assert set(event.parts.values_list("organisation_id", "part")) == {
        (branch.pk, "subject"),
        (one.pk, "target"),
        (two.pk, "target"),
    }
    assert OutboxEntry.objects.filter(name="organisations.member_moved").count() == 6


def test_split_organisation_that_stays_keeps_the_others(branch_of_six):
    branch, people, _group = branch_of_six

    (new,) = split_organisation(
        branch, [NewOrganisation("S1", "新班", "branch", members=[people[0].pk])], stays=True, on=DAY
    )

    assert (new.members.count(), branch.members.count(), again(branch).ended_on) == (1, 5, None)


def test_split_organisation_wrong_parts_write_nothing(branch_of_six):
    branch, people, group = branch_of_six
    stranger = enter_member("外人", make_branch(), since=dt.date(2020, 1, 1))
    ids = [member.pk for member in people]
    good = two_parts(people, group)
    before = everything()

    for parts, refusal in [
        (good[:1], WrongPlace),
        ([], WrongPlace),
        (two_parts(people, group, members=ids[:2]), WrongMembers),
        (two_parts(people, group, members=ids[:4]), WrongMembers),
        (two_parts(people, group, members=[*ids[:3], stranger.pk]), WrongMembers),
        (two_parts(people, group, members=[*ids[:3], 10**9]), WrongMembers),
        (two_parts(people, group, organisations=[]), WrongMembers),
        (two_parts(people, group, organisations=[branch.pk]), WrongMembers),
        (two_parts(people, group, code="S2"), WrongPlace),
        (two_parts(people, group, code=branch.code), CodeTaken),
        (two_parts(people, group, kind="group"), WrongLevel),
        (two_parts(people, group, name=""), WrongName),
    ]:
        with pytest.raises(refusal):
            split_organisation(branch, parts, stays=False, on=DAY)
    with pytest.raises(WrongDate):
        split_organisation(branch, good, stays=False, on=dt.date(2019, 1, 1))  # members came in 2020

    assert everything() == before


def test_merge_organisations_into_a_new_one(branch_of_six):
    branch, _people, group = branch_of_six
    other = make_branch(branch.get_parent(), "小支部")
    enter_member("林晓", other, since=dt.date(2021, 1, 1))

    made = merge_organisations(
        [branch, other], NewOrganisation("M1", "合并支部", "branch"), on=DAY, document_number="文5"
    )

    assert made.members.count() == 7
    assert again(group).get_parent() == made
    assert {again(branch).ended_on, again(other).ended_on} == {DAY}
    assert [event.kind for event in time_line(branch)] == ["merged", "founded", "founded"]  # the group below it


def test_merge_organisations_member_who_left_stays_where_they_were(branch_of_six):
    branch, people, _group = branch_of_six
    Member.objects.filter(pk=people[0].pk).update(stage=Member.Stage.LEFT)
    other = make_branch(branch.get_parent())

    merge_organisations([branch], other, on=DAY)

    assert (other.members.count(), branch.members.count()) == (5, 1)


def test_merge_organisations_group_into_its_own_branch(branch_of_six):
    branch, people, group = branch_of_six
    move_member(people[0], group, on=dt.date(2021, 1, 1))

    merge_organisations([group], branch, on=DAY)

    assert (branch.members.count(), again(group).ended_on) == (6, DAY)


def test_merge_organisations_wrong_sources_write_nothing(branch_of_six):
    branch, _people, group = branch_of_six
    committee = branch.get_parent()
    other = make_branch(committee)
    ended = make_branch(committee, ended_on=dt.date(2020, 1, 1))
    league = found_organisation(
        code="T9", name="团支部", kind="league_branch", parent=None, founded_on=dt.date(2020, 1, 1)
    )
    new = NewOrganisation("M1", "合并", "branch")
    before = everything()

    for sources, into, refusal in [
        ([branch], new, WrongPlace),
        ([branch, branch], new, WrongPlace),
        ([], other, WrongPlace),
        ([branch], branch, WrongPlace),
        ([branch], group, WrongPlace),
        ([committee, branch], new, WrongPlace),
        ([branch, ended], new, OrganisationEnded),
        ([branch], ended, OrganisationEnded),
        ([branch], league, WrongPlace),
        ([branch, other], NewOrganisation(other.code, "合并", "branch"), CodeTaken),
        ([branch, other], NewOrganisation("M1", "合并", "general_branch"), WrongLevel),
    ]:
        with pytest.raises(Refused) as refused:
            merge_organisations(sources, into, on=DAY)
        assert refused.type is refusal

    assert everything() == before
