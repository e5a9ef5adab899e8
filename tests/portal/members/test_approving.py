"""An export of members waits for a second person."""

import datetime as dt

import pytest

from portal.ground.jobs import run_due_jobs
from portal.ground.models import OutboxEntry
from portal.members.domain import exporting
from portal.members.domain.exporting import AlreadyDecided, AnswerMissing, NobodyApproves, NotTheirs, ask_export
from portal.members.domain.queries import Wanted
from portal.members.domain.storing import clear_away, stored
from portal.members.models import PreparedFile
from portal.notices.models import Notice, Task
from portal.organisations.domain.grants import end_grant
from portal.organisations.models import Role, RoleGrant
from tests.factories import make_branch, make_committee, make_staff
from tests.portal.members.makers import BACKEND, full_file

pytestmark = pytest.mark.django_db
REASON = "年度党内统计"


class House:
    def __init__(self):
        self.committee = make_committee("甲公司党委")
        self.branch = make_branch(self.committee, "甲一支部")
        self.member = full_file(self.branch)
        self.asks, self.decides = make_staff("admin", self.committee), make_staff("admin", self.committee)


@pytest.fixture
def house():
    return House()


def ask(house, **options):
    return ask_export(house.asks, Wanted(), reason=REASON, in_full=False, file_format="csv", **options)


def audited() -> list[str]:
    lines = OutboxEntry.objects.filter(name="audit.line", payload__action__startswith="members.export").order_by("pk")
    return [line.payload["action"] for line in lines]


def test_export_waits_and_is_made_after_a_second_person_approved(client, house):
    client.force_login(house.asks, backend=BACKEND)
    answer = client.post("/members/export/", {"reason": REASON, "file_format": "csv"})
    row = PreparedFile.objects.get()
    run_due_jobs()
    waits = client.get(answer.url).content.decode()
    assert PreparedFile.objects.get().state == "asked"
    assert client.get(f"/members/files/{row.uid}/fetch/").status_code == 404
    assert client.get(f"/members/export/{row.uid}/").status_code == 404  # never one's own

    client.force_login(house.decides, backend=BACKEND)
    page = client.get(f"/members/export/{row.uid}/").content.decode()
    listed = client.get("/members/export/").content.decode()
    client.post(f"/members/export/{row.uid}/", {"decision": "approve"})
    for _ in range(4):
        run_due_jobs()
    row.refresh_from_db()

    assert "等待另一位" in waits
    assert REASON in page
    assert f"/members/export/{row.uid}/" in listed
    assert (row.state, row.decided_by) == ("ready", house.decides)
    assert house.member.name in stored(row.path).decode()
    assert audited() == ["members.export_asked", "members.export_approved", "members.exported"]
    assert Task.objects.get(key=f"members.export:{row.uid}").closed_at is not None
    assert Notice.objects.filter(user=house.asks, message__title="您申请的党员导出已获批准").exists()


def test_refusing_says_why_and_makes_nothing(house):
    row = ask(house)

    with pytest.raises(AnswerMissing):
        exporting.decide_export(row, approve=False, answer=" ", actor=house.decides)
    exporting.decide_export(row, approve=False, answer="用途不明", actor=house.decides)
    run_due_jobs()

    row.refresh_from_db()
    assert (row.state, row.answer) == ("refused", "用途不明")
    assert audited() == ["members.export_asked", "members.export_refused"]
    with pytest.raises(AlreadyDecided):
        exporting.decide_export(row, approve=True, answer="", actor=house.decides)


def test_nobody_decides_on_the_own_export_nor_with_a_smaller_reach(client, house):
    row = ask(house)
    foreign = make_staff("admin", make_committee("乙公司党委"))
    # The export reaches the whole committee; of a branch alone a branch's administrator may decide.
    full_file(make_branch(house.committee, "甲二支部"))
    wide = ask(house)
    small = make_staff("admin", house.branch)

    for actor, export in (
        (house.asks, row),
        (foreign, row),
        (small, wide),
        (make_staff("secretary", house.branch), row),
    ):
        with pytest.raises(NotTheirs):
            exporting.decide_export(export, approve=True, answer="", actor=actor)
        client.force_login(actor, backend=BACKEND)
        assert client.get(f"/members/export/{export.uid}/").status_code in (403, 404)
    assert exporting.decide_export(row, approve=True, answer="", actor=small).state == "waiting"


def test_request_expires_after_three_days(clock, house):
    row = ask(house)
    clock.wait(3 * 24 * 3600 + 1)

    with pytest.raises(AlreadyDecided):
        exporting.decide_export(row, approve=True, answer="", actor=house.decides)
    assert clear_away() == 0
    assert exporting.end_old_requests() == 1
    assert exporting.end_old_requests() == 0
    assert PreparedFile.objects.get().state == "gone"
    assert audited() == ["members.export_asked", "members.export_expired"]
    assert Task.objects.get().closed_at is not None


def test_late_approval_leaves_a_day_to_fetch(clock, house):
    row = ask(house)
    clock.wait(2 * 24 * 3600)
    exporting.decide_export(row, approve=True, answer="", actor=house.decides)
    clear_away()
    run_due_jobs()
    row.refresh_from_db()

    assert row.state == "ready"
    assert clear_away() == 0


def test_export_needs_somebody_else(client, house):
    end_grant(None, RoleGrant.objects.get(user=house.decides, role=Role.ADMIN), dt.date(2026, 1, 1))
    client.force_login(house.asks, backend=BACKEND)

    answer = client.post("/members/export/", {"reason": REASON, "file_format": "csv"})

    assert "现在没有这样的人" in answer.content.decode()
    assert REASON in answer.content.decode()
    with pytest.raises(NobodyApproves):
        ask(house)
    assert not PreparedFile.objects.exists()


def test_smaller_exports_go_on_alone_where_the_setting_says_so(house, settings):
    settings.EXPORT_APPROVAL_ABOVE = 1
    assert ask(house).state == "waiting"
    full_file(house.branch)

    assert ask(house).state == "asked"


def test_approved_export_holds_no_more_than_its_scope(house):
    row = ask(house)
    exporting.decide_export(row, approve=True, answer="", actor=house.decides)
    stranger = full_file(make_branch(make_committee("丙公司党委")), name="局外人")
    from portal.organisations.domain.rights import forget_cached_scopes, grant_role

    grant_role(house.asks, "admin", stranger.organisation)
    forget_cached_scopes(house.asks)
    run_due_jobs()
    row.refresh_from_db()

    assert row.state == "ready"
    assert "局外人" not in stored(row.path).decode()
