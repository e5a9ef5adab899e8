"""The operator sees when the site was last backed up."""

import datetime as dt

import pytest

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.health import readings
from portal.ground.jobs import run_due_jobs
from portal.records.checks import backup_reading

pytestmark = pytest.mark.django_db


def test_backup_is_never_then_fresh_then_old(clock):
    never = backup_reading()
    audit(None, "site.backed_up", target_kind="site", files=3, bytes=1000)
    run_due_jobs()
    fresh = backup_reading()
    clock.wait(dt.timedelta(days=3).total_seconds())
    old = backup_reading()

    assert [reading.state for reading in (never, fresh, old)] == ["warning", "good", "warning"]
    assert "从未备份" in never.value
    assert str(now().year) in fresh.value
    assert old.hint


def test_backup_stands_among_the_checks():
    assert "records.backup" in [check.name for check, _reading in readings()]
