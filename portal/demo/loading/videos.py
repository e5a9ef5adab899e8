"""Films of the demo: rows at loading, the bytes by a job afterwards, so that the site is up while they are made."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from media_pipeline.intake import receive
from portal.demo.clips import Clip, make_clip
from portal.demo.loading.context import seed_of
from portal.files.models import Video
from portal.ground.generation import raise_generation
from portal.ground.jobs import JobContext, enqueue, job_kind
from portal.organisations.models import Organisation

JOB = "demo.make_film"


def make_video(title: str, description: str, clip: dict[str, Any], footer: str, owner: Organisation) -> Video:
    """Enter a video and queue the making of its film."""
    video = Video.objects.create(title=title[:120], description=description, owner_organisation=owner)
    plan = {"scene": clip["scene"], "lines": clip["lines"], "footer": footer, "seed": seed_of(title)}
    enqueue(JOB, {"video": str(video.uid), **plan}, key=str(video.uid))
    return video


@job_kind(JOB, lease_seconds=180, heavy=True)
def make_film(context: JobContext, *, video: str, scene: str, lines: list[str], footer: str, seed: int) -> None:
    """Draw the film and hand it in like any upload. Safe to repeat: a video that has its bytes is left alone."""
    row = Video.objects.filter(uid=video).first()
    if row is None or row.asset_uid is not None:
        return
    folder = Path(settings.DATA_DIR) / "work"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        film = make_clip(
            Clip(scene, tuple(lines), footer, seed),
            Path(place) / "film.mp4",
            lambda percent: context.progress(percent, "正在绘制画面"),
        )
        context.check()
        with film.open("rb") as source:
            asset = receive(source, title=row.title)  # copies the file: not while holding SQLite's write lock
        with transaction.atomic():
            Video.objects.filter(pk=row.pk, asset_uid__isnull=True).update(asset_uid=asset.uid)
            raise_generation()
