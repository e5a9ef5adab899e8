import io

import pytest

from media_pipeline.intake import RefusedUpload, receive
from media_pipeline.models import Asset
from portal.ground.models import Job

pytestmark = pytest.mark.django_db


def files_under(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) if root.exists() else []


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "0 字节"),
        ("会议记录：第一项议程……\n".encode() * 50, "text", "文本文件"),
        ("会议记录".encode("gb18030") * 300, "text", "文本文件"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "image", "PNG"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 100, "image", "JPEG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image", "HEIC"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio_only", "没有画面"),
        (b"ID3\x04\x00" + b"\x00" * 100, "audio_only", "没有画面"),
        (b"%PDF-1.7\n", "other_file", "PDF"),
        (b"PK\x03\x04" + b"\x00" * 60, "other_file", "压缩包"),
        (b"MZ" + b"\x00" * 60, "other_file", "程序"),
        (b"#EXTM3U\n#EXTINF:6,\nhttp://127.0.0.1/x.ts\n", "playlist", "播放列表"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "playlist", "播放列表"),
        (bytes(range(256)) * 20, "unknown", "无法识别"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
def test_receive_what_is_no_video_refuses_with_a_sentence_and_keeps_nothing(content, code, words, private_root):
    with pytest.raises(RefusedUpload) as refusal:
        receive(io.BytesIO(content), title="名为.mp4 的文件")

    assert refusal.value.code == code
    assert words in refusal.value.message
    assert files_under(private_root) == []
    assert not Asset.objects.exists()
    assert not Job.objects.exists()


def test_receive_a_clip_stores_it_under_our_own_name_and_queues_one_job(clips, take_in, private_root):
    clip = clips.plain()

    asset = take_in(clip, "学习贯彻“两会”精神〈上〉")

    assert asset.title == "学习贯彻“两会”精神〈上〉"
    assert (asset.state, asset.source_container) == ("waiting", "mp4")
    assert files_under(private_root) == [f"originals/{asset.uid}"]
    assert (private_root / asset.source_name).read_bytes() == clip.read_bytes()
    assert list(Job.objects.values_list("kind", "key", "state")) == [("media.process", str(asset.uid), "queued")]


def test_receive_a_file_over_the_limit_refuses_before_it_is_read(settings, private_root):
    settings.VIDEO_MAX_BYTES = 1000

    class Declared(io.BytesIO):
        size = 5000

        def read(self, *_):
            raise AssertionError("it must be refused by its declared size")

    with pytest.raises(RefusedUpload, match=r"4\.9 KB.*1000 B"):
        receive(Declared(), title="大")
    assert files_under(private_root) == []


def test_receive_a_stream_that_grows_over_the_limit_refuses_and_keeps_nothing(clips, settings, private_root):
    settings.VIDEO_MAX_BYTES = 1000

    with pytest.raises(RefusedUpload) as refusal, clips.plain().open("rb") as handle:
        receive(handle, title="大")

    assert refusal.value.code == "too_large"
    assert files_under(private_root) == []


def test_receive_without_free_space_refuses_and_keeps_nothing(clips, settings, private_root):
    settings.MEDIA_FREE_RESERVE_BYTES = 2**60

    with pytest.raises(RefusedUpload) as refusal, clips.plain().open("rb") as handle:
        receive(handle, title="满")

    assert refusal.value.code == "no_space"
    assert "磁盘空间不足" in refusal.value.message
    assert files_under(private_root) == []
