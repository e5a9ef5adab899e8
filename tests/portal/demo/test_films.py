"""Films of the demo: made by the real ffmpeg, taken in like an upload."""

import resource

import pytest

from media_pipeline.models import Asset
from portal.demo.clips import FRAMES_PER_SECOND, Clip, ClipFailed, make_clip
from portal.demo.loading.videos import JOB, make_film, make_video
from portal.files.models import Video
from portal.ground.models import Job
from portal.organisations.domain.tree import found_organisation


class _Context:
    """Stands for a running job that nobody takes away."""

    def __init__(self):
        self.seen = []

    def progress(self, percent, note=""):
        self.seen.append(percent)

    def check(self):
        pass


@pytest.mark.slow
@pytest.mark.django_db
def test_film_is_made_by_a_job_and_taken_in_once(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_PRIVATE_ROOT = tmp_path / "private"
    owner = found_organisation(code="LC", name="党委", kind="committee", parent=None)
    video = make_video("先看三十秒", "", {"scene": "ridge dawn", "lines": ["先看三十秒", "记下来"]}, "微党课", owner)
    job = Job.objects.get(kind=JOB)
    context = _Context()

    make_film(context, **job.payload)
    make_film(context, **job.payload)

    video = Video.objects.get(pk=video.pk)
    asset = Asset.objects.get()
    assert asset.uid == video.asset_uid
    assert asset.source_bytes > 100_000
    assert context.seen[0] == 0
    assert context.seen == sorted(context.seen)
    assert list((tmp_path / "work").glob("tmp*")) == []


@pytest.mark.slow
def test_film_costs_few_cpu_seconds(tmp_path):
    clip = Clip(
        "platform dusk",
        ("先看三十秒", "每天六万人进出", "导向牌再大一点", "地砖再平一点", "帮助做在求助之前"),
        "微党课",
        2,
    )
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]

    make_clip(clip, tmp_path / "film.mp4")

    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    spent = sum(
        new.ru_utime + new.ru_stime - old.ru_utime - old.ru_stime for new, old in zip(after, before, strict=True)
    )
    assert clip.frame_count / FRAMES_PER_SECOND == 25
    assert spent < 8  # 4.0 when measured alone; a busy machine costs more


def test_film_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(ClipFailed, match="nowhere"):
        make_clip(Clip("ridge dawn", ("一",), "尾"), tmp_path / "nowhere" / "film.mp4")
