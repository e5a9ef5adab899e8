"""What plugins learn about people and organisations."""

import datetime as dt
import subprocess
import sys

import pytest
from django.contrib.auth.models import AnonymousUser

from plugins.bundled.disclosure.models import Item
from portal.organisations.domain.audiences import members_audience, organisation_audience, public_audience
from portal.public import facts
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.plugins.bundled.disclosure.makers import make_item

pytestmark = pytest.mark.django_db


def test_member_of_gives_the_file_of_a_login_and_none_without_one():
    branch = make_branch(name="检修一班党支部")
    member = make_member(branch, name="林晓")

    assert facts.member_of(member.user) == facts.MemberFacts(
        member.uid, "林晓", "full", branch.pk, str(branch), member.user_id
    )
    assert facts.member_of(make_user()) is None
    assert facts.member_of(AnonymousUser()) is None
    assert facts.member_with_uid(member.uid) == facts.member_of(member.user)


def test_member_who_left_has_no_file_for_plugins():
    member = make_member(stage="left")

    assert facts.member_of(member.user) is None
    assert facts.members_within() == []


def test_members_within_takes_a_subtree_and_nobody_else():
    committee, other = make_committee(), make_committee()
    inside = [make_member(make_branch(committee)), make_member(committee)]
    make_member(make_branch(other))

    found = facts.members_within(committee.pk)

    assert {member.uid for member in found} == {member.uid for member in inside}
    assert facts.members_within(0) == []


def test_organisations_leaves_out_what_has_ended():
    committee = make_committee()
    make_branch(committee, name="已撤销", ended_on=dt.date(2020, 1, 1))
    branch = make_branch(committee, name="在用")

    assert [row.name for row in facts.organisations("branch")] == ["在用"]
    assert facts.organisation(branch.pk).kind == "branch"
    assert facts.organisation(0) is None


def test_visible_filter_shows_what_tokens_and_clearance_allow():
    mine, other = make_branch(), make_branch()
    member = make_member(mine)
    make_item(audience=organisation_audience(mine), title="本支部")
    make_item(audience=organisation_audience(other), title="别支部")
    make_item(audience=public_audience(), title="公开")
    make_item(audience=public_audience(), title="受控", secrecy=2)

    def titles(user):
        return set(Item.objects.filter(facts.visible_filter(user)).values_list("title", flat=True))

    assert titles(member.user) == {"本支部", "公开"}
    assert titles(AnonymousUser()) == {"公开"}


def test_in_charge_filter_and_organisations_in_charge_keep_to_the_subtree():
    committee = make_committee()
    mine, other = make_branch(committee), make_branch(committee)
    secretary = make_staff("secretary", mine)
    make_item(mine, title="我的")
    make_item(other, title="别人的")

    charge = facts.in_charge_filter(secretary, "disclosure.propose")

    assert list(Item.objects.filter(charge).values_list("title", flat=True)) == ["我的"]
    assert list(facts.organisations_in_charge(secretary, "disclosure.propose")) == [mine]
    assert list(facts.organisations_in_charge(make_user(), "disclosure.propose")) == []


def test_audience_of_a_scope_and_the_scope_of_an_audience_agree():
    branch = make_branch()

    for scope, audience in (
        ("public", public_audience()),
        ("members", members_audience()),
        ("organisation", organisation_audience(branch)),
    ):
        assert facts.audience_id_of_scope(scope, branch.pk) == audience.pk
        assert facts.scope_of(audience.pk) == scope
    with pytest.raises(ValueError, match=r"no audience for scope 'world'"):
        facts.audience_id_of_scope("world", branch.pk)
    with pytest.raises(ValueError, match=r"of organisation None"):
        facts.audience_id_of_scope("organisation", None)


def test_users_with_role_leaves_out_grants_that_ended():
    committee = make_committee()
    editor = make_staff("editor", committee)
    former = make_staff("editor", committee)
    former.role_grants.update(valid_from="2020-01-01", valid_to="2020-12-31")

    assert facts.users_with_role("editor") == [editor]
    assert facts.users_in_charge("disclosure.propose") == [editor]


def test_tokens_of_many_things_take_one_query(django_assert_num_queries):
    things = [make_item(audience=public_audience()), make_item(audience=members_audience())]

    with django_assert_num_queries(1):
        tokens = facts.tokens_of(things)

    assert tokens == {public_audience().pk: frozenset({"public"}), members_audience().pk: frozenset({"member"})}


def test_facts_can_be_imported_without_any_model():
    code = (
        "import sys, django\n"
        "from django.conf import settings\n"
        "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', 'portal.ground'])\n"
        "django.setup()\n"
        "import portal.public.facts\n"
        "print([name for name in sys.modules if name.startswith('portal.') and name.endswith('.models')])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "['portal.ground.models']"), done.stderr[-1000:]
