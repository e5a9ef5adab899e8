"""What a plugin of meetings, dues or assessment asks of the register, and sealing what was submitted."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from portal.organisations.domain.terms import elect
from portal.organisations.models import Post
from portal.public import facts, records
from portal.records.domain.sealing import ReasonMissing
from tests.factories import make_branch, make_committee, make_member
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    class Tree:
        committee = make_committee()
        branch = make_branch(committee, "检修党支部")
        group = make_branch(branch, "第一党小组", kind="group")
        other = make_branch(committee, "运行党支部")

    return Tree


def test_members_of_one_branch_are_those_of_itself_alone(tree):
    own, below = make_member(tree.branch, name="甲"), make_member(tree.group, name="乙")
    gone = make_member(tree.branch, name="丙")
    type(gone).objects.filter(pk=gone.pk).update(stage="left")

    assert [member.uid for member in facts.members_of(tree.branch.pk)] == [own.uid]
    assert {member.uid for member in facts.members_within(tree.branch.pk)} == {own.uid, below.uid}
    assert set(facts.members_with_uids([own.uid, gone.uid, uuid.uuid4()])) == {own.uid, gone.uid}


def test_members_are_read_by_one_query_however_many_there_are(tree):
    make_member(tree.branch)
    once = queries_of(lambda: facts.members_of(tree.branch.pk))
    make_member(tree.branch)
    make_member(tree.branch)

    assert len(queries_of(lambda: facts.members_of(tree.branch.pk))) == len(once) == 1


def test_subtree_and_what_stands_above(tree):
    below = facts.organisations_within(tree.branch.pk)
    above = facts.organisations_above(tree.group.pk)

    assert [one.name for one in below] == ["检修党支部", "第一党小组"]
    assert [one.name for one in facts.organisations_within(tree.committee.pk, "branch")] == ["检修党支部", "运行党支部"]
    assert [one.id for one in above] == [tree.committee.pk, tree.branch.pk]
    assert facts.organisations_above(tree.committee.pk) == facts.organisations_within(0) == []
    assert facts.organisation_with_uid(tree.branch.uid).id == tree.branch.pk
    assert facts.organisation_with_uid(uuid.uuid4()) is None


def test_running_terms_and_posts(tree):
    secretary = make_member(tree.branch, name="甲")
    elect(tree.branch, on=dt.date(2025, 3, 1), leaders=[(secretary, Post.Kind.SECRETARY)])

    terms = facts.current_terms([tree.branch.pk, tree.other.pk])
    posts = facts.current_posts(tree.branch.pk)

    assert set(terms) == {tree.branch.pk}
    assert terms[tree.branch.pk].since == dt.date(2025, 3, 1)
    assert [(post.member.uid, post.kind, post.label) for post in posts] == [(secretary.uid, "secretary", "书记")]
    assert facts.current_posts(tree.other.pk) == []


def test_sealed_record_is_corrected_by_a_version_with_a_reason(tree):
    member, record = make_member(tree.branch), uuid.uuid4()
    day = dt.date(2026, 3, 1)

    first = records.seal(
        "meetings.minutes",
        record,
        tree.branch.pk,
        {"到会": 12, "费用": Decimal("3.50")},
        happened_on=day,
        entered_by=member.user,
    )
    with pytest.raises(ReasonMissing):
        records.seal("meetings.minutes", record, tree.branch.pk, {"到会": 13}, happened_on=day, entered_by=member.user)
    second = records.seal(
        "meetings.minutes",
        record,
        tree.branch.pk,
        {"到会": 13},
        happened_on=day,
        entered_by=member.user,
        reason="点名漏一人",
    )

    assert (first, second) == (1, 2)
    versions = records.versions_of("meetings.minutes", record)
    assert [(one.number, one.content["到会"], one.reason) for one in versions] == [(1, 12, ""), (2, 13, "点名漏一人")]
    assert versions[0].happened_on == day
    assert versions[0].entered_by == str(member.user.uid)
    assert records.faults_in_chain(tree.branch.pk) == []


def test_personal_values_of_a_sealed_record_can_be_erased(tree):
    record = uuid.uuid4()
    records.seal(
        "dues.payment",
        record,
        tree.branch.pk,
        {"姓名": "甲", "元": 30},
        happened_on=dt.date(2026, 3, 1),
        entered_by=None,
        personal=["姓名"],
    )

    assert records.erase_personal("dues.payment", record, by=None) == 1
    version = records.versions_of("dues.payment", record)[0]
    assert (dict(version.content), version.erased) == ({"元": 30}, frozenset({"姓名"}))
    assert records.faults_in_chain(tree.branch.pk) == []


def test_kind_without_the_slug_is_refused(tree):
    with pytest.raises(ValueError, match="must begin with the slug"):
        records.seal("minutes", uuid.uuid4(), tree.branch.pk, {}, happened_on=dt.date(2026, 3, 1), entered_by=None)
