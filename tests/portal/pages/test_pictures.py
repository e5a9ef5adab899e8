"""Which pages get the sizes of their pictures made, and in what order."""

import pytest

from portal.ground.clock import now
from portal.ground.generation import current_generation
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Job, OutboxEntry
from portal.pages.domain import pictures
from tests.factories.pages import make_article, make_column, make_picture

pytestmark = pytest.mark.django_db


def _changed(*pages):
    return [OutboxEntry(name="content.changed", payload={"kind": "page", "uid": str(page.uid)}) for page in pages]


def _queued():
    jobs = Job.objects.filter(kind="pages.make_pictures", state=Job.State.QUEUED)
    return [(job.key, job.priority) for job in jobs.order_by("pk")]


def test_only_pages_that_lack_a_size_are_queued(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    column = make_column()
    plain, shown = make_article(column, "没有图片"), make_article(column, "有封面", cover=make_picture())

    pictures.queue_pictures(_changed(column, plain, shown))
    assert _queued() == [(str(shown.uid), 1)]

    pictures.make_pictures(str(shown.uid))
    Job.objects.all().delete()
    pictures.queue_pictures(_changed(shown))
    assert _queued() == []


def test_a_story_goes_before_an_import(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    column, cover = make_column(), make_picture()
    many = [make_article(column, f"第{n}篇", cover=cover) for n in range(pictures.FEW_PAGES + 1)]
    story = make_article(column, "今天的稿件", cover=make_picture("今天"))

    pictures.queue_pictures(_changed(*many))
    pictures.queue_pictures(_changed(story))

    assert max(_queued(), key=lambda job: job[1]) == (str(story.uid), 1)
    assert {priority for key, priority in _queued() if key != str(story.uid)} == {0}


def test_second_attempt_shows_what_the_first_one_made(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    article = make_article(make_column(), cover=make_picture())
    Job.objects.all().delete()
    OutboxEntry.objects.all().delete()
    pictures.queue_pictures(_changed(article))
    with monkeypatch.context() as failing:
        failing.setattr(pictures, "raise_generation", _locked)
        run_due_jobs()
    Job.objects.update(due_at=now())
    before = current_generation()

    run_due_jobs()

    assert Job.objects.get(kind="pages.make_pictures").state == Job.State.DONE
    assert current_generation() > before


def _locked(*args, **kwargs):
    raise RuntimeError("database is locked")
