"""The auditor's pages and the superior's: who sees them, what they hold, what is written about a look."""

import csv
import datetime as dt
import io
import re

import pytest
from django.urls import reverse

from portal.ground import clock
from portal.ground.audit import audit
from portal.ground.outbox import drain
from portal.organisations.chains import chain_of
from portal.organisations.domain.members import enter_member
from portal.records.domain import auditing, heads
from portal.records.domain.sealing import Entry, seal_many
from portal.records.domain.timeliness import Timeliness, timeliness_of
from portal.records.models import AuditLine
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
YESTERDAY = clock.today() - dt.timedelta(days=1)


def auditor():
    return make_staff("auditor", make_committee())


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def actions(answer):
    return re.findall(r"<code>([a-z.]+)</code>", answer.content.decode())


def test_superuser_does_not_read_what_was_written_about_superusers(client):
    client.force_login(make_user(is_superuser=True, is_staff=True))

    assert client.get(reverse("records:trail")).status_code == 403
    assert client.post(reverse("records:trail_export")).status_code == 403


@pytest.mark.parametrize("role", ["member", "secretary", "editor", "admin", "system_admin", "security_admin"])
@pytest.mark.parametrize("name", ["trail", "heads"])
def test_only_the_auditor_reads_the_trail_and_the_heads(client, role, name):
    client.force_login(make_staff(role, make_committee()))

    assert client.get(reverse(f"records:{name}")).status_code == 403


def test_exports_are_the_auditors_alone(client):
    client.force_login(make_staff("admin", make_committee()))

    assert client.post(reverse("records:trail_export")).status_code == 403
    assert client.post(reverse("records:chain_export")).status_code == 403
    drain("records.audit")
    assert not AuditLine.objects.filter(action__endswith="exported").exists()


def test_trail_is_searched_by_who_action_object_and_time(client):
    reader = make_user("reader", display_name="王芳")
    audit(reader, "member.read", target_kind="member", target_uid="m-1")
    audit(reader, "member.exported", target_kind="member")
    audit(make_user(), "plugin.enabled", target_kind="plugin", target_uid="quizzes")
    drain("records.audit")
    client.force_login(auditor())

    def found(**search):
        return actions(client.get(reverse("records:trail"), search))

    tomorrow = clock.today() + dt.timedelta(days=1)
    assert found() == ["plugin.enabled", "member.exported", "member.read"]
    assert found(who="王芳") == ["member.exported", "member.read"]
    assert found(who="reader", action="member.r") == ["member.read"]
    assert found(who=str(reader.uid), target="m-1") == ["member.read"]
    assert found(target="plugin") == ["plugin.enabled"]
    assert found(since=tomorrow.isoformat()) == []
    assert found(until=clock.today().isoformat(), action="plugin.enabled") == ["plugin.enabled"]
    assert found(who="nobody") == []
    assert found(who="\0", since="2026-13-01") == ["plugin.enabled", "member.exported", "member.read"]


def test_objects_have_names_and_are_found_by_them(client):
    committee = make_committee("甲公司党委")
    branch = make_branch(committee, "检修党支部")
    member = enter_member("林晓", branch)
    login = make_user("lin", display_name="林岚")
    audit(None, "members.opened", target_kind="member", target_uid=member.uid)
    audit(None, "organisations.renamed", target_kind="organisation", target_uid=branch.uid)
    audit(None, "account.disabled", target_kind="user", target_uid=login.uid)
    audit(None, "bench.odd", target_kind="odd", target_uid="not a uid")
    drain("records.audit")
    client.force_login(auditor())

    def found(target):
        return actions(client.get(reverse("records:trail"), {"target": target}))

    assert found("林晓") == ["members.opened"]
    assert found("林") == ["account.disabled", "members.opened"]
    assert found("检修")[0] == found(branch.code)[0] == "organisations.renamed"
    assert found("党员档案") == ["members.opened"]
    page = text_of(client.get(reverse("records:trail")))
    assert "党员档案 林晓（检修党支部）" in page
    assert f"党组织 检修党支部（{branch.code}）" in page
    assert "账号 林岚（lin）" in page
    exported = "".join(auditing.export_trail(auditing.Search(target="林晓"), by=None))
    assert "林晓（检修党支部）" in exported


def test_trail_asks_as_often_for_three_lines_as_for_one(client):
    audit(make_user(), "member.read")
    client.force_login(auditor())
    drain("records.audit")  # the sign-in too: it is about an account
    address = reverse("records:trail")
    client.get(address)
    one = queries_of(lambda: client.get(address))
    for _ in range(2):
        audit(make_user(), "member.read")
    drain("records.audit")

    three = queries_of(lambda: client.get(address))

    assert len(three) == len(one)


def test_export_is_neutralised_and_is_a_line_of_the_trail(client):
    actor = make_user(display_name="=HYPERLINK(1)")
    audit(actor, "member.read", target_kind="@evil", target_uid="m-1", why="+1")
    audit(actor, "member.left")
    drain("records.audit")
    client.force_login(auditor())

    answer = client.post(reverse("records:trail_export"), {"action": "member.read"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode().lstrip("\ufeff"))))

    assert len(rows) == 2
    assert rows[1][1].startswith("'=HYPERLINK")
    assert rows[1][4:6] == ["", "'@evil"]
    drain("records.audit")
    line = AuditLine.objects.order_by("pk").last()
    assert (line.action, line.detail) == ("audit.exported", {"search": {"action": "member.read"}})


def test_head_of_a_day_is_shown_for_printing_and_the_chains_can_be_exported(client):
    audit(make_user(), "member.read")
    drain("records.audit")
    made = heads.close_day(YESTERDAY)
    client.force_login(auditor())

    page = client.get(reverse("records:head", args=[YESTERDAY]))
    exported = client.post(reverse("records:chain_export"))

    assert made.root[:8] in text_of(page)
    assert b'["audit",' in b"".join(exported.streaming_content)
    assert YESTERDAY.isoformat() in text_of(client.get(reverse("records:heads")))
    assert client.get("/records/heads/2020-01-01/").status_code == 404
    assert client.get("/records/heads/2020-13-01/").status_code == 404


# --- timely entry -----------------------------------------------------------------------------------------------------


def enter(monkeypatch, chain, *, at, due, by="clerk", uid):
    monkeypatch.setattr("portal.records.domain.sealing.now", lambda: at)
    seal_many([Entry("minutes", uid, chain, {"n": 1}, due, by, due_on=due)])


def test_late_and_bulk_entry_are_worked_out(monkeypatch):
    morning = dt.datetime(2026, 7, 10, 1, 0, tzinfo=dt.UTC)
    due = dt.date(2026, 7, 8)
    enter(monkeypatch, "org:a", at=morning, due=due, uid="1")
    enter(monkeypatch, "org:a", at=morning + dt.timedelta(seconds=50), due=due, uid="2")
    enter(monkeypatch, "org:a", at=morning + dt.timedelta(seconds=20), due=due, uid="3", by="another")
    enter(monkeypatch, "org:a", at=morning + dt.timedelta(hours=1), due=dt.date(2026, 7, 10), uid="4")
    enter(monkeypatch, "org:b", at=morning, due=None or dt.date(2026, 7, 31), uid="5")
    enter(monkeypatch, "org:b", at=morning + dt.timedelta(days=60), due=due, uid="6")
    period = {"since": dt.date(2026, 7, 1), "until": dt.date(2026, 7, 31)}

    found = timeliness_of(["org:a", "org:b", "org:c"], **period)

    assert found == [
        Timeliness("org:a", entries=4, with_due_day=4, late=3, days_late=2.0, in_bulk=2),
        Timeliness("org:b", entries=1, with_due_day=1, late=0, days_late=0.0, in_bulk=0),
    ]
    assert (found[0].late_share, found[0].bulk_share) == (0.75, 0.5)
    assert timeliness_of([], **period) == []


def test_superior_sees_own_subtree_and_nothing_else(client, monkeypatch):
    committee = make_committee()
    own, foreign = make_branch(committee, "甲支部"), make_branch(name="乙支部")
    at = dt.datetime(2026, 7, 10, 1, 0, tzinfo=dt.UTC)
    for number, branch in enumerate([own, foreign]):
        enter(monkeypatch, chain_of(branch), at=at, due=dt.date(2026, 7, 1), uid=f"m-{number}")
    client.force_login(make_staff("admin", committee))

    page = text_of(client.get(reverse("records:timeliness"), {"since": "2026-07-01", "until": "2026-07-31"}))

    assert "甲支部 1 100%（1 / 1） 9" in page
    assert "乙支部" not in page


def test_timeliness_asks_as_often_for_three_organisations_as_for_one(client, monkeypatch):
    committee = make_committee()
    at = dt.datetime(2026, 7, 10, 1, 0, tzinfo=dt.UTC)
    client.force_login(make_staff("admin", committee))
    address = reverse("records:timeliness")
    period = {"since": "2026-07-01", "until": "2026-07-31"}
    enter(monkeypatch, chain_of(make_branch(committee)), at=at, due=at.date(), uid="1")
    client.get(address, period)
    one = queries_of(lambda: client.get(address, period))
    for number in range(2):
        enter(monkeypatch, chain_of(make_branch(committee)), at=at, due=at.date(), uid=f"n{number}")
    client.get(address, period)  # the frame reads again what the new organisations changed

    three = queries_of(lambda: client.get(address, period))

    assert len(three) == len(one)


def test_timeliness_refuses_a_member_and_an_upside_down_period(client):
    client.force_login(make_staff("editor", make_committee()))
    assert client.get(reverse("records:timeliness")).status_code == 403

    client.force_login(make_staff("secretary", make_branch()))
    page = text_of(client.get(reverse("records:timeliness"), {"since": "2026-07-31", "until": "2026-07-01"}))

    assert "结束日期不能早于开始日期。" in page
