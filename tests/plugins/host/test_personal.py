"""What plugins hold about a person is in the person's download and is erased, whatever one of them does."""

import io
import json
import uuid
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from plugins.host import state
from plugins.host.models import PluginFault, PluginState
from plugins.sdk import Erased, PersonalData, Plugin, Table
from portal.ground.clock import now
from portal.ground.health import readings
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Job
from portal.ground.personal import Person, holders
from portal.members.domain.downloads import ask_personal_data, held_about, person_of_user
from portal.members.domain.erasing import MAX_ATTEMPTS, erase_person, go_on, retry_erasure
from portal.members.domain.storing import stored
from portal.members.models import Erasure
from portal.organisations.models import Member
from tests.factories import make_branch, make_staff, make_user
from tests.portal.members.makers import full_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def holding(export=None, erase=None):
    """A plugin that holds one row, or does what is given."""

    def one_row(person):
        yield Table("rows", "一行", {"what": "内容"}, [{"what": "插件里的话"}])

    def nothing(person):
        return Erased(0)

    class Holding(Plugin):
        personal_data = (PersonalData("试验数据", export or one_row, erase or nothing, "Trial data"),)

    return Holding


def sql_error(_person):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM no_such_table")
    return []


def raising(_person):
    raise RuntimeError("kaputt")


def left_member():
    member = full_file(make_branch(), name="欧阳明镜")
    Member.objects.filter(pk=member.pk).update(stage=Member.Stage.LEFT)
    return Member.objects.select_related("user").get(pk=member.pk)


def erase(member):
    return erase_person(member, actor=make_staff("admin", member.organisation), reason="本人要求删除")


# --- the download -----------------------------------------------------------------------------------------------------
def test_download_holds_what_a_plugin_holds_also_while_it_is_off(add_plugin):
    add_plugin(holding())
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    user = make_user()

    part = next(part for part in held_about(person_of_user(user)) if part.name == "plugins.trial")

    assert (part.label, part.is_missing) == ("试验数据", False)
    assert [dict(row) for row in part.tables[0].rows] == [{"what": "插件里的话"}]


@pytest.mark.parametrize(
    ("export", "error"),
    [
        (raising, "RuntimeError: kaputt"),
        (sql_error, "OperationalError"),
        (lambda person: ["no table"], "NotATable"),
        (lambda person: [Table("x", "x", {"a": "b"}, [{"a": object()}])], "NotATable"),
        (lambda person: None, "TypeError"),
    ],
)
def test_download_comes_without_the_part_that_failed_and_says_so(add_plugin, export, error):
    add_plugin(holding(export))
    user = make_user()

    row = ask_personal_data(user)
    run_due_jobs()
    row.refresh_from_db()

    assert row.state == "ready"
    assert "试验数据" in row.note
    archive = zipfile.ZipFile(io.BytesIO(stored(row.path)))
    data = json.loads(archive.read("data.json"))
    assert data["missing"] == {"plugins.trial": "试验数据"}
    assert "plugins.trial" not in data["held_by"]
    assert data["held_by"]["accounts"]["tables"]["user"]["rows"][0]["username"] == user.username
    page = archive.read("data.html").decode()
    assert "<h2>试验数据</h2>" in page
    assert "这一部分暂时读不出来" in page
    fault = PluginFault.objects.get(slug="trial")
    assert (fault.point, fault.count) == ("personal:export", 1)
    if connection.vendor == "sqlite" or "Operational" not in error:
        assert error in fault.error


def test_whole_download_says_that_nothing_is_missing():
    row = ask_personal_data(make_user())
    run_due_jobs()
    row.refresh_from_db()

    data = json.loads(zipfile.ZipFile(io.BytesIO(stored(row.path))).read("data.json"))
    assert (row.note, data["missing"]) == ("", {})
    assert {"plugins.disclosure", "plugins.points", "plugins.quizzes"} <= set(data["held_by"])


# --- erasing ----------------------------------------------------------------------------------------------------------
def test_erasing_asks_plugins_with_the_person_also_while_they_are_off(add_plugin):
    asked = []

    def note(person):
        asked.append(person)
        return Erased(3, "留下一点")

    add_plugin(holding(erase=note))
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    member = left_member()

    erasure = erase(member)

    assert asked == [Person(member.uid, member.user.uid, member.user_id)]
    assert erasure.done["plugins.trial"] == {"label": "试验数据", "rows": 3, "kept": "留下一点"}
    assert erasure.done_at is not None


@pytest.mark.parametrize("broken", [raising, sql_error, lambda person: 3])
def test_erasure_with_a_failed_part_is_not_done_and_the_rest_is(add_plugin, broken):
    add_plugin(holding(erase=broken))
    member = left_member()

    erasure = erase(member)

    assert erasure.done_at is None
    assert set(erasure.failed) == {"plugins.trial"}
    member.refresh_from_db()
    assert (member.name, member.user_id) == ("（已删除）", None)
    assert PluginFault.objects.get(slug="trial").point == "personal:erase"
    reading = next(reading for check, reading in readings() if check.name == "members.erasures")
    assert (reading.state, reading.value) == ("bad", "1 人未删完")
    assert "试验数据" in reading.hint


def test_failed_part_is_tried_again_by_a_job_and_the_erasure_then_done(add_plugin):
    errors = [RuntimeError("noch nicht")]
    asked = []

    def erase_later(person):
        asked.append(person)
        if errors:
            raise errors.pop()
        return Erased(1)

    add_plugin(holding(erase=erase_later))
    member = left_member()
    erasure = erase(member)
    Job.objects.filter(kind="members.erase").update(due_at=now())

    run_due_jobs()

    erasure.refresh_from_db()
    assert (erasure.failed, erasure.done["plugins.trial"]["rows"]) == ({}, 1)
    assert erasure.done_at is not None
    assert asked == [Person(member.uid, member.user.uid, member.user_id)] * 2
    assert Job.objects.get(kind="members.erase").state == "done"


def test_part_that_never_works_is_parked_with_its_error_and_can_be_tried_again(add_plugin):
    add_plugin(holding(erase=raising))
    erase(left_member())
    for _ in range(MAX_ATTEMPTS):
        Job.objects.filter(kind="members.erase").update(due_at=now())
        run_due_jobs()

    job = Job.objects.get(kind="members.erase")
    assert (job.state, job.attempts) == ("failed", MAX_ATTEMPTS)
    assert "试验数据：RuntimeError: kaputt" in job.error
    assert Erasure.objects.get().done_at is None


def test_parts_that_are_done_are_not_asked_again(add_plugin):
    asked = []

    def counting(person):
        asked.append(person)
        return Erased(1)

    add_plugin(holding(erase=counting))
    add_plugin(holding(erase=raising), slug="trialtwo")
    erasure = erase(left_member())

    go_on(erasure)

    assert len(asked) == 1


def test_effect_of_a_part_that_failed_half_way_is_undone(add_plugin):
    def half(person):
        PluginState.objects.create(site_id=99, slug="half", enabled=True)
        raise RuntimeError("kaputt")

    add_plugin(holding(erase=half))

    erase(left_member())

    assert not PluginState.objects.filter(slug="half").exists()


def test_name_and_login_wait_for_an_app_of_the_core_that_failed(monkeypatch):
    from portal.ground import personal

    broken = personal.Holder("school", "党校学习", raising, raising)
    monkeypatch.setitem(personal._holders, "school", broken)
    member = left_member()

    erasure = erase(member)

    assert set(erasure.failed) == {"school"}
    assert {"organisations", "accounts"} & set(erasure.done) == set()
    member.refresh_from_db()
    assert member.name == "欧阳明镜"


def test_command_says_what_was_not_erased_and_fails(add_plugin):
    add_plugin(holding(erase=raising))
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError, match="还没有删完"):
        call_command("erase_person", str(left_member().uid), "--reason", "本人要求删除", stdout=out, stderr=err)

    assert "plugins.trial：没有删成（RuntimeError: kaputt）" in err.getvalue()


def test_plugin_that_cannot_be_loaded_is_missing_while_its_tables_are_there(add_plugin):
    add_plugin(holding(), slug="records", reason="import fails")  # tables of that name are there

    found = {holder.name: holder for holder in holders()}

    assert "plugins.records" in found
    parts = {part.name: part for part in held_about(Person(uuid.uuid4()))}
    assert parts["plugins.records"].is_missing
    assert not parts["records"].is_missing


def test_plugin_that_cannot_be_loaded_and_has_no_tables_is_not_missing(add_plugin):
    add_plugin(holding(), slug="trial", reason="import fails")

    assert "plugins.trial" not in {holder.name for holder in holders()}


def test_job_of_an_erasure_that_is_done_does_nothing(add_plugin):
    erasure = erase(left_member())

    with transaction.atomic():
        retry_erasure(str(erasure.uid))

    assert Erasure.objects.get().done_at == erasure.done_at
