"""The register: operations with history, and nothing written by those refused."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from portal.organisations.domain.codes import next_code
from portal.organisations.domain.history import organisations_as_of, time_line
from portal.organisations.domain.members import enter_member, move_member
from portal.organisations.domain.refusals import (
    CodeTaken,
    NothingChanges,
    OrganisationEnded,
    StillInUse,
    WrongCode,
    WrongDate,
    WrongLevel,
    WrongName,
    WrongPlace,
    WrongPosition,
)
from portal.organisations.domain.tree import (
    describe_organisation,
    dissolve_organisation,
    found_organisation,
    move_organisation,
    reclassify_organisation,
    rename_organisation,
)
from portal.organisations.models import Member, Organisation, OrganisationEvent, Post, RoleGrant, Term, subtree_filter
from portal.records.domain.sealing import verify_chain, versions_of
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.portal.organisations.rows import DAY, again, everything

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


# --- found, rename, reclassify, move, dissolve ------------------------------------------------------------------------


def test_found_organisation_writes_state_and_event():
    committee = make_committee()
    clerk = make_user()

    made = found_organisation(
        code="K1",
        name="新支部",
        kind="branch",
        parent=committee,
        founded_on=DAY,
        document_number="甲〔2026〕1号",
        by=clerk,
    )

    state = made.states.get()
    assert (state.parent, state.name, state.since, state.until) == (committee, "新支部", DAY, None)
    event = OrganisationEvent.objects.get(organisation=made)
    assert (event.kind, event.happened_on, event.document_number, event.entered_by) == (
        "founded",
        DAY,
        "甲〔2026〕1号",
        clerk,
    )
    (version,) = versions_of("organisation_event", event.uid)
    assert (version.seal.chain, version.content["document_number"]) == (f"org:{made.uid}", "甲〔2026〕1号")
    assert list(verify_chain(f"org:{made.uid}")) == []
    assert (
        OutboxEntry.objects.filter(name="organisations.founded", payload__organisation_uid=str(made.uid)).count() == 1
    )


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"code": ""}, WrongCode),
        ({"code": "甲"}, WrongCode),
        ({"code": "A" * 41}, WrongCode),
        ({"code": "A\n"}, WrongCode),
        ({"name": " "}, WrongName),
        ({"name": "长" * 121}, WrongName),
        ({"kind": "group"}, WrongLevel),
        ({"kind": "league_branch"}, WrongLevel),
        ({"kind": "nonsense"}, WrongLevel),
        ({"founded_on": dt.date(2999, 1, 1)}, WrongDate),
        ({"founded_on": dt.date(2001, 1, 1)}, WrongDate),
    ],
)
def test_found_organisation_wrong_input_writes_nothing(values, refusal):
    committee = make_committee()
    before = everything()

    with pytest.raises(refusal):
        found_organisation(
            **{"code": "K1", "name": "新", "kind": "branch", "parent": committee, "founded_on": DAY, **values}
        )

    assert everything() == before


def test_found_organisation_code_of_a_dissolved_one_is_refused():
    branch = make_branch()
    dissolve_organisation(branch, on=DAY)

    with pytest.raises(CodeTaken, match=branch.code):
        found_organisation(code=branch.code, name="新", kind="branch", parent=branch.get_parent())


def test_league_organisations_stand_beside_the_party_tree():
    committee = make_committee()
    league = found_organisation(code="T01", name="团委", kind="league_committee", parent=None, attached_to=committee)

    branch = found_organisation(code="T0101", name="团支部", kind="league_branch", parent=league)

    assert branch.is_within(committee) is False
    assert list(committee.league_organisations.all()) == [league]
    with pytest.raises(WrongLevel):
        found_organisation(code="T0102", name="错", kind="branch", parent=league)


def test_place_on_the_map_is_whole_or_absent():
    branch = make_branch()
    describe_organisation(branch, latitude="30.123456", longitude="120.5")

    for place in ({"latitude": None}, {"latitude": 91}, {"longitude": -181}, {"longitude": "nan"}, {"latitude": "x"}):
        with pytest.raises(WrongPosition):
            describe_organisation(branch, **place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=branch.pk).update(latitude=None)

    assert float(again(branch).latitude) == 30.123456


def test_rename_organisation_keeps_the_old_name_in_history():
    branch = make_branch(name="一班党支部")

    rename_organisation(branch, name="第一班党支部", short_name="一班", on=DAY, document_number="文1")

    names = {
        day: [row.name for row in organisations_as_of(day) if row.id == branch.pk]
        for day in (DAY - dt.timedelta(days=1), DAY)
    }
    assert list(names.values()) == [["一班党支部"], ["第一班党支部"]]
    assert again(branch).pinyin == "diyibandangzhibu dybdzb yiban yb"


def test_rename_organisation_twice_a_day_leaves_the_last():
    branch = make_branch(name="甲")
    rename_organisation(branch, name="乙", on=DAY)

    rename_organisation(branch, name="丙", on=DAY)

    assert list(branch.states.order_by("since").values_list("name", "since", "until")) == [
        ("甲", dt.date(2015, 7, 1), DAY),
        ("丙", DAY, None),
    ]


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"name": "检修一班党支部"}, NothingChanges),
        ({"name": ""}, WrongName),
        ({"name": "新", "on": dt.date(2014, 1, 1)}, WrongDate),
        ({"name": "新", "on": dt.date(2999, 1, 1)}, WrongDate),
    ],
)
def test_rename_organisation_wrong_input_writes_nothing(values, refusal):
    branch = make_branch(name="检修一班党支部")
    before = everything()

    with pytest.raises(refusal):
        rename_organisation(branch, **{"on": DAY, **values})

    assert everything() == before


def test_reclassify_organisation_with_a_kind_that_cannot_hold_what_is_below_is_refused():
    general = make_branch(kind="general_branch")
    make_branch(general)
    before = everything()

    with pytest.raises(WrongLevel):
        reclassify_organisation(general, kind="branch", on=DAY)

    assert everything() == before


def test_reclassify_organisation_general_branch_becomes_a_committee():
    general = make_branch(kind="general_branch")
    make_branch(general)

    reclassify_organisation(general, kind="committee", on=DAY)

    kinds = [
        next(row.kind for row in organisations_as_of(day) if row.id == general.pk) for day in (dt.date(2020, 1, 1), DAY)
    ]
    assert kinds == ["general_branch", "committee"]


def test_move_organisation_takes_all_below_along():
    committee = make_committee()
    one, two = make_branch(committee, kind="general_branch"), make_branch(committee, kind="general_branch")
    branch = make_branch(one)
    member = make_member(branch)
    group = make_branch(branch, "一组", kind="group")

    move_organisation(branch, two, on=DAY, document_number="文2")

    assert again(group).is_within(again(two))
    assert Member.objects.get(pk=member.pk).organisation_id == branch.pk
    assert [row.parent_id for row in organisations_as_of(DAY) if row.id == branch.pk] == [two.pk]
    assert [row.parent_id for row in organisations_as_of(dt.date(2020, 1, 1)) if row.id == branch.pk] == [one.pk]
    assert {event.kind for event in time_line(one)} == {"founded", "moved"}
    assert Organisation.find_problems() == ([], [], [], [], [])


def test_move_organisation_rights_follow_the_place_and_tokens_stay():
    from portal.ground.rights import may
    from portal.ground.suppliers import viewer_of

    committee = make_committee()
    one, two = make_branch(committee, kind="general_branch"), make_branch(committee, kind="general_branch")
    branch = make_branch(one)
    old_admin, new_admin = make_staff("admin", one), make_staff("admin", two)
    member = make_member(branch)
    own_token = f"ou:{branch.pk}"

    move_organisation(branch, two, on=DAY)

    moved = again(branch)
    assert (may(old_admin, "organisations.manage", moved), may(new_admin, "organisations.manage", moved)) == (
        False,
        True,
    )
    tokens = viewer_of(member.user).tokens
    assert (own_token in tokens, f"ou:{two.pk}" in tokens, f"ou:{one.pk}" in tokens) == (True, True, False)


def test_move_organisation_wrong_targets_write_nothing():
    committee = make_committee()
    general = make_branch(committee, kind="general_branch")
    branch = make_branch(general)
    ended = make_branch(committee, kind="general_branch", ended_on=dt.date(2020, 1, 1))
    league = found_organisation(
        code="T9", name="团委", kind="league_committee", parent=None, founded_on=dt.date(2020, 1, 1)
    )
    other = make_branch(committee)
    before = everything()

    for what, to, refusal in [
        (branch, branch, WrongPlace),
        (general, branch, WrongPlace),
        (branch, general, NothingChanges),
        (branch, ended, OrganisationEnded),
        (ended, general, OrganisationEnded),
        (branch, league, WrongLevel),
        (general, other, WrongLevel),
    ]:
        with pytest.raises(refusal):
            move_organisation(what, to, on=DAY)

    assert everything() == before


def test_dissolve_organisation_ends_posts_terms_and_grants():
    branch = make_branch()
    secretary = make_staff("secretary", branch)
    member = enter_member("林晓", branch, since=dt.date(2020, 1, 1))
    Post.objects.create(organisation=branch, member=member, kind="secretary", since=dt.date(2020, 1, 1))
    Term.objects.create(organisation=branch, since=dt.date(2024, 1, 1), until=dt.date(2027, 1, 1))
    RoleGrant.objects.update(valid_from=dt.date(2020, 1, 1))
    move_member(member, make_branch(branch.get_parent()), on=DAY)

    dissolve_organisation(branch, on=DAY, document_number="文3")

    assert again(branch).ended_on == DAY
    assert not Post.objects.filter(organisation=branch, ended_on__isnull=True).exists()
    assert Term.objects.get().ended_on == DAY
    assert RoleGrant.objects.get(user=secretary).valid_to == DAY
    assert branch.pk not in {row.id for row in organisations_as_of(DAY)}
    assert branch.pk in {row.id for row in organisations_as_of(DAY - dt.timedelta(days=1))}
    with pytest.raises(OrganisationEnded):
        rename_organisation(branch, name="还想改", on=today())


def test_dissolve_organisation_with_members_is_refused():
    branch = make_branch()
    enter_member("林晓", branch)
    before = everything()

    with pytest.raises(StillInUse, match=branch.name):
        dissolve_organisation(branch)

    assert everything() == before


# --- members and codes ------------------------------------------------------------------------------------------------


def test_move_member_ends_the_posts_held_there():
    branch = make_branch()
    member = enter_member("林晓", branch, since=dt.date(2020, 1, 1))
    Post.objects.create(organisation=branch, member=member, kind="secretary", since=dt.date(2020, 1, 1))

    move_member(member, make_branch(), on=DAY)

    assert Post.objects.get().ended_on == DAY
    assert OutboxEntry.objects.filter(name="organisations.member_moved").count() == 1


def test_move_member_before_they_came_is_refused():
    member = enter_member("林晓", make_branch(), since=DAY)
    before = everything()

    with pytest.raises(WrongDate, match="林晓"):
        move_member(member, Organisation.objects.get(kind="committee"), on=DAY - dt.timedelta(days=1))

    assert everything() == before


def test_next_code_counts_on_from_the_highest_ever_used():
    committee = found_organisation(code="D01", name="党委", kind="committee", parent=None, founded_on=DAY)
    for code in ("D0101", "D0103"):
        found_organisation(code=code, name=code, kind="branch", parent=committee, founded_on=DAY)
    dissolve_organisation(Organisation.objects.get(code="D0103"))

    offered = [next_code("branch", committee), next_code("branch", committee, taken=["D0104"])]

    assert offered == ["D0104", "D0105"]


def test_next_code_beyond_the_digits_goes_on():
    committee = found_organisation(code="D01", name="党委", kind="committee", parent=None, founded_on=DAY)
    found_organisation(code="D0199", name="支部", kind="branch", parent=committee, founded_on=DAY)

    assert next_code("branch", committee) == "D01100"
    assert (next_code("committee", None), next_code("league_committee", None)) == ("D02", "T01")


# --- subtrees by range ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["0001", "0009", "000Z", "00ZZ", "ZZZZ", "00010001", "0001ZZZZ", "0001000Z"])
def test_subtree_filter_finds_what_begins_with_the_path(path):
    places = ["0001", "0002", "0009", "000A", "000Z", "0010", "00ZZ", "0100", "ZZZZ"]
    paths = [*places, *(f"{above}{below}" for above in places for below in places)]
    Organisation.objects.bulk_create(
        [Organisation(path=p, depth=len(p) // 4, code=p, name=p, kind="branch") for p in paths]
    )

    found = Organisation.objects.filter(subtree_filter(path)).values_list("path", flat=True)

    assert sorted(found) == sorted(p for p in paths if p.startswith(path))
