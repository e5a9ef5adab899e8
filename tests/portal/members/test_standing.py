"""Entering somebody, another organisation, another stage: sealed, told, audited, and only where one keeps the files."""

import datetime as dt

import pytest

from portal.ground.models import OutboxEntry
from portal.members.domain.files import ReasonMissing
from portal.members.domain.standing import NothingTurns, PossiblyKnown, enter_file, transfer_member, turn_stage
from portal.members.models import AccessEntry, MemberFile
from portal.organisations.domain.refusals import WrongDate
from portal.organisations.domain.terms import appoint
from portal.organisations.models import Member, Membership, Post
from portal.records.domain.sealing import verify_chain
from portal.records.models import Seal
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.portal.members.makers import BACKEND, full_file, id_number

pytestmark = pytest.mark.django_db
REASON = "转入介绍信已收到"


@pytest.fixture
def house():
    committee = make_committee("甲公司党委")
    ours, other = make_branch(committee, "甲一支部"), make_branch(committee, "甲二支部")
    return make_staff("admin", committee), ours, other


def form(**fields):
    return {"name": "沈秋", "stage": "full", "on": "2026-05-01", "reason": REASON, **fields}


def test_entering_makes_a_sealed_file_that_is_found_by_pinyin(client, house):
    admin, ours, _other = house
    client.force_login(admin, backend=BACKEND)

    answer = client.post("/members/new/", form(organisation=ours.code, id_number=id_number(), joined_on="2015-07-01"))

    member = Member.objects.get(name="沈秋")
    assert answer.url == f"/members/{member.uid}/"
    assert (member.organisation, member.stage, member.joined_on) == (ours, "full", dt.date(2015, 7, 1))
    assert Membership.objects.get(member=member).since == dt.date(2026, 5, 1)
    assert (member.file.pinyin, bool(member.file.id_lookup), member.file.gender != "") == ("shenqiu sq", True, True)
    assert Seal.objects.get(kind="member.file", uid=str(member.uid)).chain == f"org:{ours.uid}"
    assert AccessEntry.objects.get(member=member).reason == REASON
    line = OutboxEntry.objects.get(name="audit.line", payload__action="members.changed")
    assert line.payload["target_uid"] == str(member.uid)


def test_entering_asks_about_somebody_of_the_same_name_and_birth_date(client, house):
    admin, ours, _other = house
    known = full_file(ours)
    client.force_login(admin, backend=BACKEND)
    same = form(organisation=str(ours), name=known.name, born_on=str(known.file.born_on))

    asked = client.post("/members/new/", same)
    done = client.post("/members/new/", {**same, "is_another": "on"})

    assert asked.status_code == 422
    assert 'type="checkbox" name="is_another"' in asked.content.decode()
    assert done.status_code == 302
    assert Member.objects.filter(name=known.name).count() == 2


def test_entering_is_refused_elsewhere_and_with_a_known_number(client, house):
    admin, ours, _other = house
    known = full_file(ours)
    foreign = make_branch(make_committee(), "乙一支部")
    client.force_login(admin, backend=BACKEND)

    elsewhere = client.post("/members/new/", form(organisation=foreign.code))
    twice = client.post("/members/new/", form(organisation=ours.code, id_number=known.file.id_number))
    later = client.post("/members/new/", form(organisation=ours.code, on="2099-01-01"))

    assert (elsewhere.status_code, twice.status_code, later.status_code) == (422, 422, 422)
    assert "没有找到" in elsewhere.content.decode()
    assert "已经有一份档案" in twice.content.decode()
    assert not Member.objects.filter(name="沈秋").exists()


def test_transfer_moves_with_history_seal_and_event_and_ends_posts(client, house):
    admin, ours, other = house
    member = make_member(ours)
    Membership.objects.filter(member=member).update(since=dt.date(2020, 1, 1))
    post = appoint(ours, member, "secretary", on=dt.date(2024, 1, 1))
    client.force_login(admin, backend=BACKEND)

    answer = client.post(
        f"/members/{member.uid}/transfer/", {"to": f"{other.code} {other}", "on": "2026-05-01", "reason": REASON}
    )

    assert answer.status_code == 302
    assert Member.objects.get(pk=member.pk).organisation == other
    assert Membership.objects.filter(member=member).count() == 2
    assert Post.objects.get(pk=post.pk).ended_on == dt.date(2026, 5, 1)
    assert Seal.objects.get(kind="member.standing").chain == f"org:{ours.uid}"
    assert list(verify_chain(f"org:{ours.uid}")) == []
    told = [str(entry.payload) for entry in OutboxEntry.objects.all()]
    assert any(str(member.uid) in payload and "from_organisation_uid" in payload for payload in told)


def test_transfer_takes_nobody_from_or_to_a_foreign_unit_nor_oneself(client, house):
    admin, ours, _other = house
    foreign = make_branch(make_committee(), "乙一支部")
    theirs, mine = make_member(foreign), make_member(ours)
    client.force_login(admin, backend=BACKEND)
    sent = {"to": ours.code, "on": "2026-05-01", "reason": REASON}
    own = Member.objects.filter(user=admin).first() or make_member(ours, user=admin)

    assert client.post(f"/members/{theirs.uid}/transfer/", sent).status_code == 404
    assert client.post(f"/members/{mine.uid}/transfer/", {**sent, "to": foreign.code}).status_code == 422
    assert client.post(f"/members/{own.uid}/transfer/", sent).status_code == 403
    assert client.post(f"/members/{own.uid}/stage/", {**sent, "stage": "left"}).status_code == 403


def test_turning_to_full_fills_the_date_and_is_sealed(house):
    admin, ours, _other = house
    member = make_member(ours, stage="probationary", joined_on=dt.date(2025, 5, 1))
    Membership.objects.filter(member=member).update(since=dt.date(2020, 1, 1))

    turned = turn_stage(member, "full", on=dt.date(2026, 5, 6), actor=admin, reason="支部大会通过转正")

    assert (turned.stage, MemberFile.objects.get(member=member).full_on) == ("full", dt.date(2026, 5, 6))
    assert Seal.objects.filter(kind="member.standing").count() == 1
    with pytest.raises(NothingTurns):
        turn_stage(member, "full", on=dt.date(2026, 5, 6), actor=admin, reason="支部大会通过转正")


def test_turning_to_left_ends_posts(client, house):
    admin, ours, _other = house
    member = make_member(ours)
    Membership.objects.filter(member=member).update(since=dt.date(2020, 1, 1))
    post = appoint(ours, member, "secretary", on=dt.date(2024, 1, 1))
    client.force_login(admin, backend=BACKEND)

    client.post(f"/members/{member.uid}/stage/", {"stage": "left", "on": "2026-05-01", "reason": REASON})

    assert Member.objects.get(pk=member.pk).stage == "left"
    assert Post.objects.get(pk=post.pk).ended_on == dt.date(2026, 5, 1)


@pytest.mark.parametrize(
    ("on", "reason", "refusal"), [("2026-05-01", "短", ReasonMissing), ("2099-01-01", REASON, WrongDate)]
)
def test_standing_without_reason_or_on_a_day_to_come_is_refused(house, on, reason, refusal):
    admin, ours, other = house
    member = make_member(ours)

    for act in (
        lambda day: transfer_member(member, other, on=day, actor=admin, reason=reason),
        lambda day: turn_stage(member, "left", on=day, actor=admin, reason=reason),
        lambda day: enter_file(ours, {"name": "沈秋"}, stage="full", on=day, actor=admin, reason=reason),
    ):
        with pytest.raises(refusal):
            act(dt.date.fromisoformat(on))
    assert Member.objects.get(pk=member.pk).stage == "full"


def test_entering_twice_by_the_domain_is_refused(house):
    admin, ours, _other = house
    known = full_file(ours)
    values = {"name": known.name, "born_on": known.file.born_on}

    with pytest.raises(PossiblyKnown):
        enter_file(ours, values, stage="full", actor=admin, reason=REASON)


def test_suggestions_name_only_organisations_where_the_right_is_held(client, house):
    admin, ours, _other = house
    make_branch(make_committee(), "乙一支部")
    client.force_login(admin, backend=BACKEND)
    ask = "/organisations/suggest/?field=to&to={}&right={}"

    fitting = client.get(ask.format("一支部", "members.edit")).content.decode()
    by_pinyin = client.get(ask.format("jyzb", "members.edit")).content.decode()
    not_held = client.get(ask.format("一支部", "plugins.manage")).content.decode()
    unknown = client.get(ask.format("一支部", "no.such")).content.decode()

    assert f'value="{ours.code} ' in fitting
    assert "乙一支部" not in fitting
    assert "甲一支部" in by_pinyin
    assert (not_held, unknown) == ("", "")


def test_auditor_sees_files_covered_and_each_look_is_logged(client):
    committee = make_committee()
    member = full_file(make_branch(committee))
    auditor = make_staff("auditor", committee)
    client.force_login(auditor, backend=BACKEND)

    listed = client.get("/members/").content.decode()
    page = client.get(f"/members/{member.uid}/").content.decode()

    assert member.name in listed
    assert member.file.phone not in listed + page
    assert member.file.id_number not in listed + page
    assert AccessEntry.objects.get(member=member, user=auditor).act == "opened"
    for act in ("reveal", "edit", "awards", "transfer", "stage"):
        assert client.post(f"/members/{member.uid}/{act}/", {"reason": REASON}).status_code == 403
    assert client.get("/members/export/").status_code == 403
