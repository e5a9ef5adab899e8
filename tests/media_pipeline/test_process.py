"""The whole job on real clips: what comes out, and what is said about files that cannot be used."""

import pytest

from media_pipeline import operations
from media_pipeline.models import Version
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Job, OutboxEntry
from tests.media_pipeline.conftest import H264, PICTURE, SOUND

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def filled(words, seconds=2):
    return [word.format(seconds=seconds) for word in words]


def rungs(asset):
    return [
        (rendition.name, rendition.width, rendition.height, rendition.frames)
        for rendition in asset.current_version.renditions.order_by("id")
    ]


def test_process_plain_clip_gives_two_rungs_sound_and_poster(clips, processed, private_root):
    asset = processed(clips.plain())

    assert (asset.state, asset.progress, asset.failure, asset.warning) == ("ready", 100, "", "")
    assert asset.duration_seconds == pytest.approx(2.0, abs=0.01)
    assert rungs(asset) == [("v0", 320, 180, 50), ("v1", 256, 144, 50), ("a0", 0, 0, 0)]
    folder = private_root / asset.current_version.folder
    assert sorted(file.name for file in folder.iterdir()) == [
        "a0.m3u8", "a0.m4s", "poster.jpg", "v0.m3u8", "v0.m4s", "v1.m3u8", "v1.m4s",
    ]  # fmt: skip
    assert (folder / "poster.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    assert list((private_root / "work" / "encode").iterdir()) == []


def test_process_clip_without_sound_gives_pictures_only(clips, processed):
    clip = clips.make("silent.mp4", *filled(PICTURE), *H264)

    assert rungs(processed(clip)) == [("v0", 320, 180, 50), ("v1", 256, 144, 50)]


def test_process_rotated_clip_comes_out_upright(clips, processed):
    clip = clips.make("rotated.mp4", "-display_rotation", "90", "-i", str(clips.plain()), "-c", "copy")

    asset = processed(clip)

    assert (asset.width, asset.height) == (180, 320)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("fast.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=50:d=2", *H264], (320, 180, 50)),
        ("ntsc.mp4", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30000/1001:d=2", *H264], (320, 180, 60)),
        ("odd.mkv", ["-f", "lavfi", "-i", "testsrc2=s=321x181:r=25:d=2", "-c:v", "ffv1"], (320, 180, 50)),
        ("flat.mp4", ["-f", "lavfi", "-i", "testsrc2=s=2048x32:r=25:d=1", *H264], (1920, 30, 25)),
        ("anamorphic.mp4", ["-f", "lavfi", "-i", "testsrc2=s=360x288:r=25:d=1,setsar=16/15", *H264], (384, 288, 25)),
        ("late.ts", [*filled(PICTURE), *filled(SOUND), *H264, "-c:a", "aac", "-output_ts_offset", "100"], (320, 180, 51)),
        ("old.avi", [*filled(PICTURE), *filled(SOUND), "-c:v", "mpeg4", "-c:a", "mp3"], (320, 180, 51)),
        ("ten.mkv", ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1,format=yuv422p10le", "-c:v", "ffv1"], (320, 180, 25)),
        ("surround.mkv", [*filled(PICTURE), "-f", "lavfi", "-i", "anoisesrc=d=2,aformat=channel_layouts=5.1", *H264, "-c:a", "flac"], (320, 180, 50)),
        ("longer-sound.mkv", [*filled(PICTURE, 1), *filled(SOUND, 3), *H264, "-c:a", "aac"], (320, 180, 75)),
        ("late-sound.mkv", [*filled(PICTURE), "-itsoffset", "1", *filled(SOUND, 1), *H264, "-c:a", "aac"], (320, 180, 50)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
@pytest.mark.slow
def test_process_unusual_clip_gives_exactly_the_planned_frames(name, arguments, expected, clips, processed):
    asset = processed(clips.make(name, *arguments))

    assert (asset.state, asset.failure) == ("ready", "")
    first = asset.current_version.renditions.get(name="v0")
    assert (first.width, first.height, first.frames) == expected


def test_process_truncated_clip_fails_with_both_durations_and_can_be_accepted(clips, processed):
    whole = clips.plain(3).read_bytes()

    asset = processed(clips.written("truncated.mp4", whole[: len(whole) * 6 // 10]))

    assert (asset.state, asset.failure_code) == ("failed", "truncated")
    assert asset.failure.startswith("文件不完整：声明 3 秒，实际只有 1.")
    assert Job.objects.get(kind="media.process").state == "failed"

    operations.accept_damage(asset)
    run_due_jobs()
    asset.refresh_from_db()

    assert (asset.state, asset.failure) == ("ready", "")
    assert 1.0 < asset.duration_seconds < 2.5


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("no-index.mp4", lambda clips: clips.plain(2, "tail.mp4", ()).read_bytes()[:20_000], "no_index"),
        ("garbage.mp4", lambda clips: b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 200, "no_index"),
        ("garbage.mkv", lambda clips: b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 200, "unreadable"),
        ("sound.mp4", lambda clips: clips.make("sound-in.mp4", *filled(SOUND), "-c:a", "aac").read_bytes(), "no_video"),
        ("one.mp4", lambda clips: clips.make("one-in.mp4", *filled(PICTURE), "-frames:v", "1", *H264).read_bytes(), "too_short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_process_unusable_file_fails_with_a_reason(name, make, code, clips, processed):
    asset = processed(clips.written(name, make(clips)))

    assert (asset.state, asset.failure_code) == ("failed", code)
    assert asset.failure.endswith("。")
    assert not Version.objects.exists()
    told = OutboxEntry.objects.filter(name="media.processing_failed").values_list("payload__asset_uid", flat=True)
    assert list(told) == [str(asset.uid)]


def test_process_with_a_gap_of_a_day_is_refused_at_once(clips, processed):
    """Three frames over 27 hours would be filled up to millions."""
    clip = clips.make(
        "gap.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=0.12",
        "-vf", "setpts='if(eq(N,2),97200/TB,PTS)'", "-fps_mode", "passthrough", *H264,
    )  # fmt: skip

    asset = processed(clip)

    assert (asset.state, asset.failure_code) == ("failed", "time_gap")


def test_process_waits_for_disk_space_and_says_so(clips, take_in, settings):
    asset = take_in(clips.plain())
    settings.MEDIA_FREE_RESERVE_BYTES = 2**60

    run_due_jobs()

    asset.refresh_from_db()
    job = Job.objects.get(kind="media.process")
    assert (asset.state, asset.failure) == ("waiting", "")
    assert asset.note.startswith("等待磁盘空间")
    assert (job.state, job.attempts) == ("queued", 0)


def test_retry_after_the_original_is_gone_says_so_again(clips, take_in, private_root):
    asset = take_in(clips.plain())
    (private_root / asset.source_name).unlink()
    run_due_jobs()
    asset.refresh_from_db()
    assert asset.failure_code == "source_missing"

    operations.retry(asset)
    assert asset.state == "waiting"
    run_due_jobs()

    asset.refresh_from_db()
    assert (asset.state, asset.failure_code) == ("failed", "source_missing")


def test_retry_of_an_asset_that_did_not_fail_is_refused(clips, take_in):
    with pytest.raises(operations.NotFailed):
        operations.retry(take_in(clips.plain()))


def test_process_again_with_the_same_source_keeps_the_version(clips, processed):
    asset = processed(clips.plain())
    version = asset.current_version_id

    operations.queue_processing(asset)
    run_due_jobs()

    asset.refresh_from_db()
    assert (asset.current_version_id, asset.state) == (version, "ready")
    assert Version.objects.count() == 1


def test_delete_removes_rows_and_files(clips, processed, private_root, django_capture_on_commit_callbacks):
    asset = processed(clips.plain())

    with django_capture_on_commit_callbacks(execute=True):
        operations.delete(asset)

    assert [path for path in private_root.rglob("*") if path.is_file()] == []
    assert not Version.objects.exists()
