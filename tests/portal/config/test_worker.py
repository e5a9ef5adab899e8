"""What the worker is told to do."""

from celery.fixups.django import DjangoWorkerFixup

from portal.config.celery import app


def test_worker_keeps_its_database_connection_from_task_to_task():
    assert DjangoWorkerFixup(app).db_reuse_max
