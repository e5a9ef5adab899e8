"""Who changed what since the last package, and what becomes of it."""

from __future__ import annotations

import copy
import datetime as dt
import json

import pytest
from django.db import transaction

from portal.exchange.domain import receiving
from portal.exchange.models import Partner, ReceivedPackage, StagedLine
from portal.ground.jobs import run_due_jobs
from portal.members.domain.files import change_file, ensure_file
from portal.members.models import MemberFile
from portal.organisations.domain.tree import describe_organisation, found_organisation, rename_organisation
from portal.organisations.models import (
    Member,
    Membership,
    Organisation,
    OrganisationEvent,
    OrganisationEventPart,
    OrganisationState,
)
from tests.factories import make_branch, make_user
from tests.portal.exchange import makers
from tests.portal.members.makers import full_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Pair:
    """The superior's rows are put aside while the sub-unit's site is on, and the other way round."""

    def __init__(self, settings):
        self.upper, self.lower = makers.two_sites(settings)
        self.top = makers.make_register()
        self.first = makers.package_for(makers.trust(self.lower), self.top)
        self.sent = []
        self.acknowledged = 0
        makers.wipe()
        self.lower.be()
        self.partner = makers.trust(self.upper)
        makers.take_in(self.first)

    def next_package(self, change):
        """A later package of the superior, in which `change` has been made to the same rows.

        What the superior's site holds is what it sent, so its rows are made again from the first package elsewhere: here the
        change is made, packed in the superior's name, and taken back.
        """
        made = []
        with transaction.atomic():
            self.upper.be()
            partner = makers.trust(self.lower)
            partner.last_sent = 1 + len(self.sent)
            partner.last_received = self.acknowledged
            partner.save()
            change()
            made.append(makers.package_for(partner, Organisation.objects.get(depth=1)))
            transaction.set_rollback(True)
        self.lower.be()
        self.sent.append(made[0])
        return made[0]


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """The pair of sites is made once; what a test changes is taken back after it."""
    with makers.made_once(django_db_blocker) as settings:
        yield Pair(settings)


@pytest.fixture
def pair(made, settings):
    pair = copy.copy(made)
    pair.sent = []
    pair.upper, pair.lower = makers.at_hand(made.upper, settings), makers.at_hand(made.lower, settings)
    pair.partner = Partner.objects.get(pk=made.partner.pk)
    pair.lower.be()
    return pair


def branch():
    return Organisation.objects.get(name__in=("检修第一党支部", "检修甲班党支部", "检修乙班党支部"))


def rename(name):
    rename_organisation(
        branch(), name=name, short_name="检修一", on=dt.date(2026, 1, 5), by=make_user(display_name="赵敏")
    )


def test_changed_there_alone_is_taken_without_asking(pair):
    content = pair.next_package(lambda: rename("检修甲班党支部"))

    row = makers.take_in(content)

    assert row.counts["organisations"] == {"same": 4, "changed": 1}
    assert row.counts["organisation_events"] == {"same": 8, "new": 1}
    assert branch().name == "检修甲班党支部"
    assert [state.name for state in branch().states.order_by("since")] == [
        "检修一班党支部",
        "检修第一党支部",
        "检修甲班党支部",
    ]


def test_changed_here_alone_is_kept(pair):
    describe_organisation(branch(), address="滨江路 8 号")
    content = pair.next_package(lambda: describe_organisation(branch(), address=""))

    row = makers.take_in(content)

    assert row.counts["organisations"] == {"same": 4, "kept": 1}
    assert branch().address == "滨江路 8 号"


def test_changed_on_both_sides_is_shown_side_by_side_with_who_did_it_here(pair):
    rename("检修乙班党支部")
    content = pair.next_package(lambda: _rename_anew("检修甲班党支部"))

    row = makers.looked_at(content)

    (line,) = row.lines.filter(act=StagedLine.Act.CONFLICT)
    assert line.changed == ["name", "states"]
    assert (json.loads(line.theirs)["name"], json.loads(line.ours)["name"]) == ("检修甲班党支部", "检修乙班党支部")
    with pytest.raises(receiving.Undecided):
        receiving.start_apply(row)
    row.refresh_from_db()
    assert row.state == ReceivedPackage.State.CHECKED


def _rename_anew(name):
    """The superior renamed the branch, and knows nothing of what happened here."""
    row = branch()
    row.events.filter(kind="renamed", happened_on=dt.date(2026, 1, 5)).delete()
    row.states.filter(since=dt.date(2026, 1, 5)).update(name=name)
    Organisation.objects.filter(pk=row.pk).update(name=name)


@pytest.mark.parametrize(("choice", "name"), [("theirs", "检修甲班党支部"), ("ours", "检修乙班党支部")])
def test_decision_is_kept_and_not_asked_again(pair, choice, name):
    rename("检修乙班党支部")
    content = pair.next_package(lambda: _rename_anew("检修甲班党支部"))

    makers.take_in(content, rest=choice)

    assert branch().name == name
    again = makers.looked_at(content)
    assert again.counts["organisations"].get("conflict", 0) == 0
    assert again.counts["organisations"].get("changed", 0) == 0


def test_older_package_reverts_nothing_by_itself(pair):
    makers.take_in(pair.next_package(lambda: rename("检修甲班党支部")))

    row = makers.looked_at(pair.first)

    assert row.is_older
    assert row.is_repeated
    assert "changed" not in row.counts["organisations"]
    assert row.counts["organisations"]["conflict"] == 1


def test_what_is_not_in_the_package_is_told_and_stays(pair):
    extra = make_branch(Organisation.objects.get(depth=1), "新设党支部")
    someone = full_file(extra, name="高远")

    row = makers.take_in(pair.next_package(lambda: _without(extra, someone)))

    missing = {line.title for line in row.lines.filter(act=StagedLine.Act.MISSING)}
    assert {f"新设党支部（{extra.code}）", "高远"} <= missing
    assert Member.objects.filter(pk=someone.pk).exists()


def _without(extra, someone):
    MemberFile.objects.filter(member=someone).delete()
    Membership.objects.filter(member=someone).delete()
    Member.objects.filter(pk=someone.pk).delete()
    OrganisationEventPart.objects.filter(organisation=extra).delete()
    OrganisationEvent.objects.filter(organisation=extra).delete()
    OrganisationState.objects.filter(organisation=extra).delete()
    Organisation.objects.get(pk=extra.pk).delete()


def test_member_known_here_under_another_uid_is_matched_by_the_id_number(settings):
    makers.wipe()  # of what the module made
    upper, lower = makers.two_sites(settings)
    top = makers.make_register()
    content = makers.package_for(makers.trust(lower), top)
    number = Member.objects.get(name="林晓").file.id_number
    codes = {o.name: o.code for o in Organisation.objects.all()}
    makers.wipe()
    lower.be()
    makers.trust(upper)
    here = found_organisation(
        code=codes["江川公司党委"], name="江川公司党委", kind="committee", parent=None, founded_on=dt.date(2015, 7, 1)
    )
    own = make_branch(here, "本站的党支部")
    member = full_file(own, name="林晓", id_number=number)

    row = makers.looked_at(content)

    line = row.lines.get(uid=rows_uid(content, "林晓", row))
    assert (line.here_uid, line.act) == (str(member.uid), StagedLine.Act.CONFLICT)
    done = makers.take_in(content, rest="theirs")
    assert done.state == ReceivedPackage.State.DONE, done.note
    assert Member.objects.filter(name="林晓").count() == 1
    member.refresh_from_db()
    assert member.organisation.name == "检修第一党支部"
    assert Organisation.objects.get(code=codes["江川公司党委"]).uid == here.uid


def rows_uid(content, name, row):
    return next(line.uid for line in row.lines.all() if line.title == name)


def test_change_made_after_the_dry_run_stops_the_writing(pair):
    row = makers.looked_at(pair.next_package(lambda: rename("检修甲班党支部")))
    describe_organisation(branch(), address="滨江路 8 号")

    receiving.start_apply(row)
    run_due_jobs()

    row.refresh_from_db()
    assert (row.state, branch().name) == (ReceivedPackage.State.CHECKED, "检修第一党支部")
    assert "再比对" in row.note
    receiving.start_check(row)
    run_due_jobs()
    row.refresh_from_db()
    assert row.counts["organisations"]["conflict"] == 1


def test_members_file_changed_there_is_changed_here_with_its_numbers_findable(pair):
    def change():
        member = Member.objects.get(name="周岚")
        change_file(member, {"phone": "13912345678"}, actor=make_user(), reason="换了号码")

    makers.take_in(pair.next_package(change))

    file = ensure_file(Member.objects.get(name="周岚"))
    assert file.phone == "13912345678"
    assert file.phone_lookup


def test_our_own_change_that_the_partner_took_is_no_conflict_when_it_comes_back_changed(pair):
    """We send, they take it and change it again: only they changed it since."""
    rename("检修乙班党支部")
    makers.package_for(pair.partner, Organisation.objects.get(depth=1))
    pair.acknowledged = 1
    content = pair.next_package(lambda: describe_organisation(branch(), address="上级填写的地址"))

    row = makers.take_in(content)

    assert row.counts["organisations"] == {"same": 4, "changed": 1}
    assert (branch().name, branch().address) == ("检修乙班党支部", "上级填写的地址")
    assert makers.rows_of(Organisation.objects.get(depth=1))["organisations"][0]["name"] == "江川公司党委"
