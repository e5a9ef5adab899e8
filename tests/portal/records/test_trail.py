"""The audit trail: lines arrive once, chained, and cannot be changed."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from portal.ground import clock
from portal.ground.audit import audit
from portal.ground.models import OutboxEntry
from portal.ground.outbox import drain
from portal.records.domain.trail import append_lines, first_broken_line, prune
from portal.records.models import AuditLine
from portal.records.triggers import deleting_allowed, install_triggers
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_audit_line_arrives_chained_and_only_once():
    user = make_user()
    audit(user, "plugin.enabled", target_kind="plugin", target_uid="quizzes", site=1)
    audit(user, "plugin.disabled", target_kind="plugin", target_uid="quizzes", site=1)

    drain("records.audit")
    append_lines(list(OutboxEntry.objects.filter(name="audit.line")))

    lines = list(AuditLine.objects.order_by("pk"))
    assert [(line.actor, line.action) for line in lines] == [
        (str(user.uid), "plugin.enabled"),
        (str(user.uid), "plugin.disabled"),
    ]
    assert lines[1].previous_hash == lines[0].line_hash
    assert first_broken_line() is None


@pytest.mark.parametrize("change", ["update", "delete"])
def test_audit_line_cannot_be_changed(change):
    install_triggers()
    audit(make_user(), "member.read")
    drain("records.audit")

    with pytest.raises(DatabaseError, match="sealed rows cannot be changed"), transaction.atomic():
        AuditLine.objects.update(action="x") if change == "update" else AuditLine.objects.all().delete()


def test_first_broken_line_finds_a_forged_line():
    audit(make_user(), "member.read")
    audit(make_user(), "member.exported")
    drain("records.audit")
    first = AuditLine.objects.order_by("pk").first()
    forged = AuditLine.objects.create(
        entry_uid=make_user().uid,
        action="forged",
        happened_at=first.happened_at,
        previous_hash="0" * 64,
        line_hash="1" * 64,
    )

    assert first_broken_line() == forged.pk


def test_pruning_leaves_a_line_and_a_trail_that_can_be_checked(monkeypatch):
    audit(make_user(), "member.read")
    audit(make_user(), "member.exported")
    drain("records.audit")
    through = AuditLine.objects.order_by("-pk").first()
    later = clock.now() + dt.timedelta(days=400)
    monkeypatch.setattr("portal.ground.audit.now", lambda: later)
    audit(make_user(), "member.read")
    drain("records.audit")
    monkeypatch.setattr("portal.records.domain.trail.now", lambda: later)

    pruned = prune(keep_days=180)

    assert (pruned.count, pruned.through_hash) == (2, through.line_hash)
    assert list(AuditLine.objects.order_by("pk").values_list("action", flat=True)) == ["member.read", "audit.pruned"]
    assert AuditLine.objects.last().detail["through_hash"] == through.line_hash
    assert first_broken_line() is None
    assert prune(keep_days=180) is None


def test_trail_without_its_front_is_broken_unless_pruning_wrote_so():
    for _ in range(3):
        audit(make_user(), "member.read")
    drain("records.audit")
    first = AuditLine.objects.order_by("pk").first()

    with deleting_allowed("records_auditline"):
        AuditLine.objects.filter(pk=first.pk)._raw_delete("default")

    assert first_broken_line() == 0


def test_trail_cut_off_at_its_end_is_broken():
    for _ in range(3):
        audit(make_user(), "member.read")
    drain("records.audit")
    last = AuditLine.objects.order_by("pk").last()

    with deleting_allowed("records_auditline"):
        AuditLine.objects.filter(pk=last.pk)._raw_delete("default")

    assert first_broken_line() == last.pk
