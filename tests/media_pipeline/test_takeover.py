"""kill -9 in the middle of an encode: ffmpeg goes with its worker, another worker makes the video, nothing is left over."""

import datetime as dt
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from media_pipeline import operations, upkeep
from media_pipeline.models import Asset, Version
from portal.ground.clock import now
from portal.ground.jobs import claim_due, execute, run_due_jobs
from portal.ground.models import Job, OutboxEntry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def start_worker() -> int:
    """A process of its own that claims the due job and executes it; its id."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            execute(claim_due("other", 1)[0])
        finally:
            os._exit(0)
    return child


def programs_about(word: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in command and b"ffmpeg" in command and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def long_clip(clips):
    return clips.make(
        "long.mp4", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=8,noise=alls=20",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    )  # fmt: skip


def lease_runs_out() -> None:
    """As if a minute had passed: the ledger puts the job back, and any worker may claim it."""
    Job.objects.filter(kind=operations.PROCESS).update(lease_until=now() - dt.timedelta(seconds=1))
    assert claim_due("reaper", 0) == []


def killed_in_the_middle(asset: Asset) -> None:
    Asset.objects.filter(pk=asset.pk).update(progress=0)
    worker = start_worker()
    try:
        assert wait_until(lambda: Asset.objects.filter(pk=asset.pk, progress__gt=4).exists()), "no progress was shown"
        assert programs_about(str(asset.uid))
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def test_worker_killed_while_encoding_takes_ffmpeg_along_and_another_finishes(long_clip, take_in, private_root):
    asset = take_in(long_clip)

    killed_in_the_middle(asset)

    assert wait_until(lambda: not programs_about(str(asset.uid)), 5), "ffmpeg outlived its worker"
    asset.refresh_from_db()
    assert (asset.state, Version.objects.count()) == ("working", 0)
    assert run_due_jobs() == 0, "taken over before the lease ran out"

    lease_runs_out()
    run_due_jobs()

    asset.refresh_from_db()
    job = Job.objects.get(kind=operations.PROCESS)
    assert (asset.state, job.state, job.attempts) == ("ready", "done", 2)
    assert Version.objects.count() == 1
    assert asset.current_version.renditions.get(name="v0").frames == 240
    assert list((private_root / "work" / "encode").iterdir()) == []
    assert [folder.name for folder in (private_root / "hls" / str(asset.uid)).iterdir()] == [
        str(asset.current_version.uid)
    ]


def test_worker_killed_again_and_again_ends_as_failed_with_a_reason_and_a_retry(long_clip, take_in):
    asset = take_in(long_clip)
    for _attempt in range(3):
        killed_in_the_middle(asset)
        lease_runs_out()

    upkeep.settle_abandoned()

    asset.refresh_from_db()
    assert (asset.state, asset.failure_code) == ("failed", "worker_died")
    assert "多次意外中断" in asset.failure
    assert OutboxEntry.objects.filter(name="media.processing_failed").count() == 1
    operations.retry(asset)
    run_due_jobs()
    asset.refresh_from_db()
    assert asset.state == "ready"


def test_deleted_while_encoding_stops_the_encoder_and_leaves_no_file(long_clip, take_in, private_root):
    asset = take_in(long_clip)
    uid = str(asset.uid)
    worker = start_worker()
    try:
        assert wait_until(lambda: Asset.objects.filter(uid=uid, progress__gt=4).exists())

        operations.delete(Asset.objects.get(uid=uid))

        assert wait_until(lambda: not programs_about(uid), 5), "ffmpeg went on"
    finally:
        os.waitpid(worker, 0)
    assert [path for path in private_root.rglob("*") if path.is_file()] == []
