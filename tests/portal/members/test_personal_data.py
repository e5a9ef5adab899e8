"""Everything held about a person: to take away, to erase; keys that turn."""

import io
import json
import time
import zipfile

import pytest
from django.core.management import call_command
from django.db import connection

from portal.ground.jobs import run_due_jobs
from portal.ground.personal import AlreadyRegistered, Erased, Person, holders, register
from portal.members.domain.access import record_look
from portal.members.domain.corrections import ask_correction
from portal.members.domain.downloads import ask_personal_data, package_of, person_of_user
from portal.members.domain.erasing import NotLeft, erase_person
from portal.members.domain.fields import BY_NAME
from portal.members.domain.files import change_file, enter_award
from portal.members.domain.keys import encrypted_columns, renew_lookups, turn_column
from portal.members.domain.storing import clear_away, stored
from portal.members.models import AccessEntry, Correction, MemberFile, PreparedFile
from portal.organisations.models import Member
from portal.records.domain.sealing import verify_chain, versions_of
from portal.shared.fields import UndecipherableValue
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.factories.learning import make_course, text_unit, units_of
from tests.portal.members.makers import BACKEND, full_file, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch():
    return make_branch(make_committee("甲公司党委"), "检修一班党支部")


@pytest.fixture
def admin(branch):
    return make_staff("admin", branch.get_parent(), display_name="吴管理")


def fetched(user):
    """The package as its owner gets it."""
    row = ask_personal_data(user)
    run_due_jobs()
    row.refresh_from_db()
    assert row.state == "ready", row.note
    return zipfile.ZipFile(io.BytesIO(stored(row.path)))


def test_download_holds_what_every_app_holds(branch, admin):
    from portal.school.domain.completion import mark_unit_done
    from portal.school.domain.enrolment import enrol_member

    number = id_number()
    member = full_file(branch, name="林晓", id_number=number)
    course = make_course([text_unit()], title="党支部工作实务")
    enrol_member(member, course)
    mark_unit_done(member, units_of(course)[0])
    enter_award(member, kind="punishment", title="党内警告", issuer="", happened_on=member.joined_on, actor=admin)
    change_file(member, {"work_unit": "检修一班"}, actor=admin, reason="按人事名册补充")
    run_due_jobs()

    archive = fetched(member.user)

    data = json.loads(archive.read("data.json"))["held_by"]
    page = archive.read("data.html").decode()
    assert {
        "accounts",
        "files",
        "members",
        "notices",
        "organisations",
        "pages",
        "records",
        "school",
        "watching",
    } <= set(data)
    assert data["school"]["tables"]["courses"]["rows"][0]["course"] == "党支部工作实务"
    assert data["members"]["tables"]["looks"]["rows"][0]["reason"] == "按人事名册补充"
    for held in (number, "党内警告", "检修一班党支部", "党支部工作实务", "吴管理"):
        assert held in page
    assert "http" not in page.replace("http-equiv", "")


def test_download_holds_nothing_of_others(branch, admin):
    other_number = id_number()
    other = full_file(branch, name="王新", id_number=other_number, phone="13912345678")
    record_look(other, admin, AccessEntry.Act.REVEALED, reason="别人的理由")
    member = full_file(branch, name="林晓")

    archive = fetched(member.user)

    text = archive.read("data.json").decode() + archive.read("data.html").decode()
    for foreign in (other_number, "13912345678", "王新", "别人的理由", str(other.uid)):
        assert foreign not in text


def test_download_of_a_login_without_a_file_works():
    user = make_user(display_name="编辑甲")

    data = json.loads(fetched(user).read("data.json"))["held_by"]

    assert data["accounts"]["tables"]["user"]["rows"][0]["display_name"] == "编辑甲"


def test_a_big_file_is_put_together_within_a_minute(branch, admin):
    """3,000 looks and 100 changes: far above what a member gathers in years."""
    member = full_file(branch)
    AccessEntry.objects.bulk_create(
        AccessEntry(member=member, user=admin, name="吴管理", act="opened", fields=[]) for _ in range(3000)
    )
    for n in range(100):
        change_file(member, {"work_unit": f"检修{n}班"}, actor=admin, reason="岗位调整")

    begun = time.monotonic()
    package_of(person_of_user(member.user))

    assert time.monotonic() - begun < 20


def test_download_is_fetched_by_its_owner_alone_and_goes_after_a_day(clock, client, branch):
    member, other = full_file(branch), full_file(branch)
    client.force_login(member.user, backend=BACKEND)
    client.post("/members/me/download/")
    run_due_jobs()
    row = PreparedFile.objects.get()
    own = client.get(f"/members/files/{row.uid}/fetch/")
    client.force_login(other.user, backend=BACKEND)
    foreign = client.get(f"/members/files/{row.uid}/fetch/")
    clock.wait(24 * 3600 + 1)

    assert own["Content-Disposition"].startswith("attachment")
    assert zipfile.ZipFile(io.BytesIO(b"".join(own.streaming_content))).namelist() == ["data.json", "data.html"]
    assert foreign.status_code == 404
    assert clear_away() == 1
    assert PreparedFile.objects.get().state == "gone"


def test_asking_twice_makes_one(branch):
    member = full_file(branch)

    assert ask_personal_data(member.user) == ask_personal_data(member.user)


def test_registering_a_name_twice_is_refused():
    def export(person):
        return []

    def erase(person):
        return Erased(0)

    with pytest.raises(AlreadyRegistered):
        register("members", "别的", export, erase)


@pytest.mark.parametrize("known", [False, True])
def test_each_holder_answers_for_nobody_and_for_a_stranger(known):
    stranger = make_user()
    person = Person(stranger.uid, stranger.uid, stranger.pk) if known else Person()

    for holder in holders():
        for table in holder.export(person):
            assert json.dumps([dict(row) for row in table.rows], ensure_ascii=False)
            assert all(set(row) <= set(table.columns) for row in table.rows), (holder.name, table.name)


# --- erasing ----------------------------------------------------------------------------------------------------------
def test_erasing_leaves_no_trace_of_the_values(branch, admin):
    number = id_number()
    member = full_file(branch, name="欧阳明镜", id_number=number, phone="13912345678", work_unit="独一无二车间")
    change_file(member, {"nation": "塔塔尔族"}, actor=admin, reason="按户口簿补充")
    enter_award(member, kind="award", title="独一无二奖", issuer="", happened_on=member.joined_on, actor=admin)
    run_due_jobs()
    Member.objects.filter(pk=member.pk).update(stage=Member.Stage.LEFT)

    erased = erase_person(Member.objects.get(pk=member.pk), actor=admin, reason="本人要求删除")
    run_due_jobs()

    assert (erased.failed, erased.done_at is not None) == ({}, True)
    assert erased.done["members"]["rows"] > 0
    assert list(verify_chain(f"org:{branch.uid}")) == []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            held = str(cursor.fetchall())
            for value in ("欧阳明镜", number, "13912345678", "独一无二", "塔塔尔族"):
                assert value not in held, (table, value)
    assert versions_of("member.file", member.uid)[0].content == {}


def test_a_member_who_belongs_is_not_erased(branch, admin):
    with pytest.raises(NotLeft):
        erase_person(full_file(branch), actor=admin, reason="本人要求删除")


# --- keys -------------------------------------------------------------------------------------------------------------
def raw_numbers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM members_memberfile ORDER BY member_id")
        return [row[0] for row in cursor.fetchall()]


def test_keys_turn_without_a_pause_and_the_old_one_can_go(settings, branch):
    number = id_number()
    member = full_file(branch, id_number=number)
    ask_correction(member, "phone", "13912345678", "换号码", actor=member.user, uid=member.uid)
    (old,) = settings.FIELD_KEYS
    before = raw_numbers()

    settings.FIELD_KEYS = ["the new key", old]
    assert MemberFile.objects.get(member=member).id_number == number
    call_command("turn_keys", stdout=io.StringIO())
    after = raw_numbers()
    settings.FIELD_KEYS = ["the new key"]

    assert before != after
    assert MemberFile.objects.get(member=member).id_number == number
    assert Correction.objects.get().after == "13912345678"


def test_turning_goes_on_where_it_stopped_and_changes_nothing_twice(settings, branch, monkeypatch):
    from portal.members.domain import keys

    monkeypatch.setattr(keys, "BATCH", 2)
    for _ in range(5):
        full_file(branch)
    settings.FIELD_KEYS = ["the new key", *settings.FIELD_KEYS]
    column = next(pair for pair in encrypted_columns() if pair[0] is MemberFile and pair[1].name == "id_number")

    class Killed(Exception):
        pass

    def die(seen, turned):
        if seen == 4:
            raise Killed

    with pytest.raises(Killed):
        turn_column(*column, die)
    second = turn_column(*column)
    third = turn_column(*column)

    assert (second, third) == ((5, 1), (5, 0))


def test_turning_names_a_value_of_a_lost_key(settings, branch):
    full_file(branch)
    settings.FIELD_KEYS = ["another key"]
    column = next(pair for pair in encrypted_columns() if pair[0] is MemberFile and pair[1].name == "phone")

    with pytest.raises(UndecipherableValue, match=r"members\.MemberFile\.phone"):
        turn_column(*column)


def test_lookups_are_made_anew_after_their_key_changed(settings, branch):
    number = id_number()
    member = full_file(branch, id_number=number)
    settings.LOOKUP_KEY = "another lookup key"

    assert renew_lookups() == 1
    assert MemberFile.objects.get(id_lookup=BY_NAME["id_number"].hashed(number)).member == member
    assert renew_lookups() == 0
