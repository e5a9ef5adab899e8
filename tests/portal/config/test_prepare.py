"""Preparing: a newer database is refused untouched; what is done already is not done again."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from portal.config.housekeeping import clear_out
from portal.config.management.commands import prepare
from portal.ground import clock, jobs
from portal.ground.jobs import JobContext
from portal.ground.jobs.ledger import Claim
from portal.ground.models import Delivery, Job, OutboxEntry


@pytest.mark.django_db
def test_database_of_a_newer_version_is_refused_and_nothing_is_changed():
    recorder = MigrationRecorder(connection)
    recorder.record_applied("ground", "0099_from_the_future")
    before = set(recorder.applied_migrations())

    with pytest.raises(CommandError, match=r"更新版本的领航(.|\n)*ground\.0099_from_the_future"):
        call_command("prepare", no_demo=True)

    assert set(recorder.applied_migrations()) == before


@pytest.mark.django_db
def test_database_with_the_rest_of_a_removed_plugin_is_accepted():
    MigrationRecorder(connection).record_applied("a_plugin_that_is_gone", "0001_initial")

    prepare.refuse_newer_database()


@pytest.mark.django_db
def test_clear_out_deletes_what_is_over_and_keeps_what_waits():
    long_ago = clock.now() - clock.dt.timedelta(days=400)
    old = Job.objects.create(kind="x", state="done", finished_at=long_ago)
    stopped = Job.objects.create(kind="x", state="failed", finished_at=clock.now() - clock.dt.timedelta(days=30))
    fresh = jobs.enqueue("x")
    delivered = OutboxEntry.objects.create(name="a", created_at=long_ago)
    Delivery.objects.create(entry=delivered, consumer="c", state="done")
    parked = OutboxEntry.objects.create(name="b", created_at=long_ago)
    Delivery.objects.create(entry=parked, consumer="c", state="parked")

    clear_out(JobContext(Claim(0, 0, "config.clear_out"), 60))

    assert set(Job.objects.values_list("pk", flat=True)) == {stopped.pk, fresh.pk}
    assert not Job.objects.filter(pk=old.pk).exists()
    assert list(OutboxEntry.objects.all()) == [parked]
