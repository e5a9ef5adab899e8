import datetime as dt
import re
from contextlib import closing

import pytest
from django.test import override_settings

from media_pipeline import operations
from media_pipeline.intake import receive
from media_pipeline.models import Asset, Version
from media_pipeline.playback import (
    ExpiredToken,
    ForgedToken,
    Grant,
    NotReady,
    make_token,
    playback_for,
    read_token,
    viewer_digest,
)
from portal.ground.clock import now
from portal.ground.ids import new_uid
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made_root(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def made(clips, made_root, django_db_setup, django_db_blocker):
    """One asset, encoded once for all tests here."""
    with django_db_blocker.unblock(), override_settings(MEDIA_PRIVATE_ROOT=made_root):
        with clips.plain().open("rb") as handle:
            asset = receive(handle, title="测试视频")
        run_due_jobs()
        yield asset.pk
        operations.delete(asset)
        Job.objects.all().delete()


@pytest.fixture
def private_root(made_root, settings):
    settings.MEDIA_PRIVATE_ROOT = made_root
    return made_root


@pytest.fixture
def asset(made, private_root):
    return Asset.objects.get(pk=made)


@pytest.fixture
def base(asset):
    return playback_for(asset, "user:1").manifest_url.removesuffix("master.m3u8")


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def a_grant(seconds=60):
    return Grant(new_uid(), (now() + dt.timedelta(seconds=seconds)).replace(microsecond=0), viewer_digest("user:1"))


def test_token_read_gives_the_grant_it_was_made_of():
    grant = a_grant()

    assert read_token(make_token(grant)) == grant


def test_token_with_any_character_changed_is_forged():
    token = make_token(a_grant())

    for position in range(len(token)):
        other = "A" if token[position] != "A" else "B"
        with pytest.raises(ForgedToken):
            read_token(token[:position] + other + token[position + 1 :])


@pytest.mark.parametrize("token", ["", "x", "中文", "A" * 56, "A" * 5000, "../..", "=", "A" * 55 + "!"])
def test_token_that_is_none_is_forged(token):
    with pytest.raises(ForgedToken):
        read_token(token)


def test_token_after_its_time_is_expired():
    with pytest.raises(ExpiredToken):
        read_token(make_token(a_grant(-1)))


def test_token_made_with_another_secret_is_forged(settings):
    token = make_token(a_grant())
    settings.SECRET_KEY = "another-secret-key-of-sufficient-length-for-tests"

    with pytest.raises(ForgedToken):
        read_token(token)


def test_playback_for_an_asset_without_version_is_not_ready():
    with pytest.raises(NotReady):
        playback_for(Asset(title="未处理"), "user:1")


def test_master_lists_sound_once_and_the_rungs_from_large_to_small(client, base):
    response = client.get(base + "master.m3u8")

    assert response["Content-Type"] == "application/vnd.apple.mpegurl"
    assert response["Cache-Control"].startswith("private")
    text = re.sub(r"BANDWIDTH=\d+", "BANDWIDTH=N", response.content.decode())
    assert re.sub(r"avc1.6400\w\w", "avc1.N", text).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="声音",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a0.m3u8"',
        "#EXT-X-STREAM-INF:BANDWIDTH=N,AVERAGE-BANDWIDTH=N,RESOLUTION=320x180,FRAME-RATE=25.000,"
        'CODECS="avc1.N,mp4a.40.2",AUDIO="sound"',
        "v0.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=N,AVERAGE-BANDWIDTH=N,RESOLUTION=256x144,FRAME-RATE=25.000,"
        'CODECS="avc1.N,mp4a.40.2",AUDIO="sound"',
        "v1.m3u8",
    ]


def test_every_byte_range_of_a_playlist_is_answered_with_exactly_these_bytes(client, base, asset, private_root):
    playlist = client.get(base + "v0.m3u8").content.decode()
    whole = (private_root / asset.current_version.folder / "v0.m4s").read_bytes()
    ranges = [(int(offset), int(length)) for length, offset in re.findall(r'BYTERANGE[:=]"?(\d+)@(\d+)', playlist)]
    assert len(ranges) >= 2

    got = b""
    for offset, length in ranges:
        response = client.get(base + "v0.m4s", headers={"Range": f"bytes={offset}-{offset + length - 1}"})
        assert response.status_code == 206
        assert response["Content-Range"] == f"bytes {offset}-{offset + length - 1}/{len(whole)}"
        assert response["Content-Length"] == str(length)
        got += body(response)

    assert got == whole


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=10-99999999", 10, None)],
)
def test_media_with_a_range_sends_that_part(header, first, last, client, base, asset, private_root):
    whole = (private_root / asset.current_version.folder / "a0.m4s").read_bytes()

    response = client.get(base + "a0.m4s", headers={"Range": header})

    assert response.status_code == 206
    assert body(response) == (whole[first:] if last is None else whole[first : last + 1])


@pytest.mark.parametrize("header", ["", "bytes=5-2", "bytes=0-1,4-5", "items=0-1", "bytes=-", "bytes=a-b"])
def test_media_without_a_usable_range_sends_the_whole(header, client, base, asset, private_root):
    whole = (private_root / asset.current_version.folder / "a0.m4s").read_bytes()

    response = client.get(base + "a0.m4s", headers={"Range": header} if header else {})

    assert (response.status_code, response["Accept-Ranges"]) == (200, "bytes")
    assert body(response) == whole


@pytest.mark.parametrize("header", ["bytes=99999999-", "bytes=-0"])
def test_media_beyond_the_end_answers_416_with_the_size(header, client, base, asset):
    size = asset.current_version.renditions.get(name="v0").file_bytes

    response = client.get(base + "v0.m4s", headers={"Range": header})

    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{size}")


def test_media_head_tells_size_and_sends_nothing(client, base, asset):
    size = asset.current_version.renditions.get(name="v0").file_bytes

    response = client.head(base + "v0.m4s")

    assert (response.status_code, response["Content-Length"], body(response)) == (200, str(size), b"")


def test_media_known_by_its_validator_is_not_sent_again(client, base):
    etag = client.head(base + "v0.m4s")["ETag"]

    assert client.get(base + "v0.m4s", headers={"If-None-Match": etag}).status_code == 304
    with closing(client.get(base + "v0.m4s", headers={"If-Range": '"other"', "Range": "bytes=0-9"})) as whole:
        assert whole.status_code == 200


def test_media_behind_nginx_is_handed_over(client, base, asset, settings):
    settings.X_ACCEL_PREFIX = "/internal/"

    response = client.get(base + "v0.m4s", headers={"Range": "bytes=0-9"})

    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Accel-Redirect"] == f"/internal/private/{asset.current_version.folder}/v0.m4s"


def test_poster_is_a_jpeg(client, base):
    response = client.get(base + "poster.jpg")

    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert body(response)[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("name", ["master.m3u8", "v0.m3u8", "v0.m4s", "poster.jpg"])
def test_forged_token_answers_404_and_expired_403_in_plain_words(name, client, asset):
    expired = make_token(Grant(asset.current_version.uid, now() - dt.timedelta(seconds=1), b"123456"))

    forged = client.get(f"/play/{'A' * len(expired)}/{name}")
    late = client.get(f"/play/{expired}/{name}")

    assert (forged.status_code, forged.content.decode()) == (404, "没有这个视频。\n")
    assert (late.status_code, late.content.decode()) == (403, "播放地址已过期，请刷新页面后继续观看。\n")


@pytest.mark.parametrize("name", ["v7.m3u8", "v7.m4s", "../v0.m4s", "v0.mp4", "a0.m4s/"])
def test_name_that_does_not_exist_answers_404(name, client, base):
    assert client.get(base + name).status_code == 404


def test_token_of_a_version_that_was_removed_answers_404(client, base, asset):
    Version.objects.all().delete()

    assert client.get(base + "master.m3u8").status_code == 404
    assert client.get(base + "v0.m4s").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_writing_is_refused(method, client, base):
    assert getattr(client, method)(base + "v0.m4s").status_code == 405


@pytest.mark.parametrize("name", ["master.m3u8", "v0.m3u8", "v0.m4s", "poster.jpg"])
def test_each_request_costs_one_query(name, client, base, django_assert_num_queries):
    with django_assert_num_queries(1), closing(client.get(base + name)) as response:
        assert response.status_code == 200
