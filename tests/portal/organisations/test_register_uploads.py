"""An upload of the register's table: looked through, asked about, brought in once."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.ground.clock import now
from portal.ground.jobs import run_due_jobs
from portal.organisations.domain.register import runs
from portal.organisations.domain.tree import found_organisation
from portal.organisations.models import Organisation, RegisterImport, RoleGrant
from tests.factories import make_staff
from tests.portal.organisations.conftest import BACKEND
from tests.portal.organisations.tables import table

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TOLD = {"on": "2026-03-01", "document_number": "甲党〔2026〕3号", "note": ""}


def send(client, content, name="t.csv"):
    return client.post(reverse("organisations:import"), {**TOLD, "file": SimpleUploadedFile(name, content)})


def test_an_upload_is_looked_through_then_asked_then_brought_in(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    waiting = client.get(sent.url)
    run_due_jobs()
    asked = client.get(sent.url).content.decode()
    there = Organisation.objects.filter(code="N1").exists()
    client.post(sent.url)
    applying = client.get(sent.url)
    run_due_jobs()
    done = client.get(sent.url)

    assert (waiting["Refresh"], applying["Refresh"], "Refresh" in done) == ("2", "2", False)
    assert "成立 1 个" in asked
    assert "确认导入" in asked
    assert (there, Organisation.objects.get(code="N1").get_parent()) == (False, ours)
    assert "确认导入" not in done.content.decode()
    run = RegisterImport.objects.get()
    assert (run.state, run.path) == ("done", "")


def test_an_upload_with_problems_cannot_be_confirmed(client, ours, admin):
    sent = send(client, table(("N1", "没有", "党支部", "新支部")))
    run_due_jobs()
    page = client.get(sent.url).content.decode()
    client.post(sent.url)
    run_due_jobs()

    assert "没有找到上级编码" in page
    assert "确认导入" not in page
    assert RegisterImport.objects.get().state == "checked"


def test_what_changed_since_the_check_brings_the_question_back(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    run_due_jobs()
    client.post(sent.url)
    found_organisation(code="Z9", name="别处", kind="committee", parent=None)
    Organisation.objects.filter(code="Z9").update(code="N1")
    run_due_jobs()

    page = client.get(sent.url).content.decode()
    assert "N1 已经用过" in page
    assert RegisterImport.objects.get().state == "checked"


def test_an_import_goes_no_further_for_one_who_lost_the_right(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    RoleGrant.objects.filter(user=admin).delete()
    run_due_jobs()

    run = RegisterImport.objects.get()
    assert (run.state, "您已不能管理组织" in run.note) == ("refused", True)
    assert client.get(sent.url).status_code in {403, 404}


def test_nobody_else_sees_an_upload(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    client.force_login(make_staff("admin", ours), backend=BACKEND)

    assert client.get(sent.url).status_code == 404
    assert client.post(sent.url).status_code == 404


def test_an_upload_that_is_no_table_says_so(client, ours, admin):
    empty = send(client, b"")
    none = client.post(reverse("organisations:import"), TOLD)
    broken = send(client, b"PK\x03\x04 broken", "t.xlsx")
    run_due_jobs()

    assert "文件是空的" in empty.content.decode()
    assert "请选择文件" in none.content.decode()
    assert RegisterImport.objects.get().state == "refused"
    assert "文件打不开" in client.get(broken.url).content.decode() or RegisterImport.objects.get().note


def test_a_run_that_was_broken_off_is_done_once(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    run_due_jobs()
    client.post(sent.url)
    uid = str(RegisterImport.objects.get().uid)

    with pytest.raises(ZeroDivisionError):
        runs.work(uid, lambda percent, note: 1 // 0)
    broken_off = Organisation.objects.filter(code="N1").exists()
    runs.work(uid, lambda percent, note: None)
    runs.work(uid, lambda percent, note: None)

    assert (broken_off, Organisation.objects.filter(code="N1").count()) == (False, 1)


def test_old_uploads_are_cleared_away(client, ours, admin):
    sent = send(client, table(("N1", ours.code, "党支部", "新支部")))
    run_due_jobs()
    RegisterImport.objects.update(made_at=now() - dt.timedelta(days=8))

    assert runs.clear_away() == 1
    assert RegisterImport.objects.get().state == "dropped"
    client.post(sent.url)
    assert RegisterImport.objects.get().state == "dropped"
