"""Uploads on a disk that is full: a small one of our own where we may mount, else one that counts as full."""

import io
import os
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from media_pipeline import ffbin
from media_pipeline.models import Asset
from portal.files.models import PortalDocument, PortalImage, Video
from portal.organisations.models import RoleGrant
from tests.factories import make_branch, make_staff
from tests.media_pipeline.conftest import Clips

pytestmark = pytest.mark.django_db
SENTENCE = "服务器磁盘空间不足"


@pytest.fixture
def disk(tmp_path, settings):
    """A volume of 256 KB that holds pictures, documents and videos."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(["mount", *options], check=False, capture_output=True).returncode == 0
    settings.MEDIA_FREE_RESERVE_BYTES = 64 * 1024 if mounted else 2**60
    settings.MEDIA_ROOT = folder / "media"
    settings.MEDIA_PRIVATE_ROOT = folder / "private"
    yield folder
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def editor():
    return make_staff("editor", make_branch())


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def noise() -> bytes:
    """A picture that does not shrink: about 400 KB."""
    data = io.BytesIO()
    Picture.effect_noise((640, 640), 100).save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    ("address", "model", "name"),
    [("/admin/images/add/", PortalImage, "合影.png"), ("/admin/documents/add/", PortalDocument, "名单.csv")],
)
def test_upload_on_a_full_disk_says_so_beside_the_field_and_keeps_what_was_typed(
    address, model, name, client, editor, disk
):
    client.force_login(editor)
    content = noise() if name.endswith("png") else b"\xe7\x94\xb2," * 100_000

    answer = client.post(address, {"title": "七一表彰", "file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 200
    assert SENTENCE in answer.context["form"].errors["file"][0]
    assert SENTENCE in answer.content.decode()
    assert 'value="七一表彰"' in answer.content.decode()
    assert not model.objects.exists()
    assert files_in(disk) == []


def test_several_pictures_at_once_on_a_full_disk_each_get_the_sentence(client, editor, disk):
    client.force_login(editor)

    answer = client.post(
        "/admin/images/multiple/add/",
        {"title": "合影", "files[]": SimpleUploadedFile("合影.png", noise(), "image/png")},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )

    assert answer.json()["success"] is False
    assert SENTENCE in answer.json()["error_message"]
    assert files_in(disk) == []


def test_video_on_a_full_disk_is_refused_whole(client, editor, disk, tmp_path):
    client.force_login(editor)
    clip = Clips(ffbin.find_tools().ffmpeg, tmp_path).make(
        "noise.mp4",
        "-f",
        "lavfi",
        "-i",
        "nullsrc=s=320x180:d=2,geq=random(1)*255:128:128",
        "-c:v",
        "mpeg4",
        "-q:v",
        "1",
    )
    assert clip.stat().st_size > 256 * 1024
    branch = RoleGrant.objects.get(user=editor).organisation

    answer = client.post(
        "/admin/video/new/",
        {
            "title": "党课",
            "owner_organisation": branch.pk,
            "reach": "members",
            "secrecy": 0,
            "file": SimpleUploadedFile("课.mp4", clip.read_bytes(), "video/mp4"),
        },
    )

    assert SENTENCE in answer.context["form"].errors["file"][0]
    assert not Video.objects.exists()
    assert not Asset.objects.exists()
    assert files_in(disk) == []
