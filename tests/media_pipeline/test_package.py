import subprocess

import pytest

from media_pipeline.package import BrokenPackage, begin_seconds, codec_of_header, read_playlist

GOOD = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-MAP:URI="v0.m4s",BYTERANGE="100@0"
#EXTINF:6.000000,
#EXT-X-BYTERANGE:1000@100
v0.m4s
#EXTINF:2.000000,
#EXT-X-BYTERANGE:500@1100
v0.m4s
#EXT-X-ENDLIST
"""


def test_read_playlist_gives_places_and_rates():
    playlist = read_playlist(GOOD, "v0.m4s")

    assert (playlist.header_bytes, playlist.end, playlist.seconds) == (100, 1600, 8.0)
    assert (playlist.average_bandwidth, playlist.peak_bandwidth) == (1500, 2000)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("#EXT-X-ENDLIST\n", "", "without begin or end"),
        ("500@1100", "500@1101", "begins at 1101, not at 1100"),
        ("1000@100", "1000@0", "begins at 0, not at 100"),
        ('URI="v0.m4s"', 'URI="other.m4s"', "another header"),
        ("\nv0.m4s\n#EXTINF", "\n/etc/passwd\n#EXTINF", "without place or duration"),
        ("#EXT-X-BYTERANGE:500@1100\n", "", "without place or duration"),
    ],
)
def test_read_playlist_that_is_wrong_is_refused_with_the_reason(old, new, words):
    with pytest.raises(BrokenPackage, match=words):
        read_playlist(GOOD.replace(old, new), "v0.m4s")


def test_codec_of_a_header_without_known_codec_is_refused():
    with pytest.raises(BrokenPackage):
        codec_of_header(b"\x00" * 50)


@pytest.mark.django_db
def test_boxes_of_picture_and_sound_begin_at_zero_although_ffmpeg_by_default_does_not(
    clips, processed, private_root, ffmpeg, tmp_path
):
    """Players that ignore edit lists must not hear the sound early."""
    clip = clips.plain()
    folder = private_root / processed(clip).current_version.folder
    arguments = [
        "-i",
        clip,
        "-an",
        "-c:v",
        "libx264",
        "-f",
        "hls",
        "-hls_segment_type",
        "fmp4",
        "-hls_flags",
        "single_file",
    ]
    subprocess.run(
        [ffmpeg, "-v", "error", *arguments, "-hls_segment_filename", "d.m4s", "d.m3u8"], cwd=tmp_path, check=True
    )

    assert {name: begin_seconds((folder / f"{name}.m4s").read_bytes()) for name in ("v0", "v1", "a0")} == {
        "v0": 0.0, "v1": 0.0, "a0": 0.0,
    }  # fmt: skip
    assert begin_seconds((tmp_path / "d.m4s").read_bytes()) == pytest.approx(0.08)
