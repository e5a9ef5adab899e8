"""Videos: upload in the administration with what may go wrong, and playback for those who may see them."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.users.models import UserProfile

from media_pipeline import ffbin
from media_pipeline.models import Asset
from portal.files.domain.delivery import NotVisible
from portal.files.domain.videos import StillUsed, remove_video, upload_video, video_playback
from portal.files.models import Video
from portal.ground.jobs import run_due_jobs
from portal.organisations.domain.audiences import members_audience, organisation_audience
from portal.school.models import Unit
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.factories.learning import make_course
from tests.media_pipeline.conftest import Clips

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private_root(tmp_path, settings):
    settings.MEDIA_PRIVATE_ROOT = tmp_path
    return tmp_path


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return Clips(ffbin.find_tools().ffmpeg, tmp_path_factory.mktemp("clips")).plain(1).read_bytes()


@pytest.fixture
def branch():
    return make_branch(make_committee())


@pytest.fixture
def editor(branch):
    return make_staff("editor", branch)


def plain(answer):
    """A page without what is made anew for each answer, and without its own address."""
    text = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode())
    return text.replace(answer.wsgi_request.path, "")


def form(branch, content, **fields):
    file = SimpleUploadedFile("课 件（终稿）.mp4", content, content_type="video/mp4")
    details = {
        "title": "学习《条例》〈上〉",
        "description": "第一讲",
        "owner_organisation": branch.pk,
        "reach": "members",
        "secrecy": 0,
    }
    return details | {"file": file} | fields


def test_upload_in_the_administration_makes_a_video_that_is_processed(client, editor, branch, clip):
    client.force_login(editor)

    answer = client.post("/admin/video/new/", form(branch, clip))

    assert answer.status_code == 302, answer.context["form"].errors
    video = Video.objects.get()
    assert (video.title, video.owner_organisation, video.uploaded_by) == ("学习《条例》〈上〉", branch, editor)
    assert video.audience == members_audience()
    waiting = client.get("/admin/video/").content.decode()
    assert "等待处理" in waiting
    assert "data-live" in waiting
    run_due_jobs()
    assert "可以播放" in client.get(f"/admin/video/{video.pk}/state/").content.decode()
    assert "data-live" not in client.get("/admin/video/").content.decode()
    assert "data-player" in client.get(f"/admin/video/edit/{video.pk}/").content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("第一讲：学习要点……".encode() * 40, "这是一个文本文件，不是视频，只是名称像视频。"),
        (b"", "文件是空的（0 字节）。"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, "这是一张图片（PNG），不是视频。"),
    ],
    ids=["text", "empty", "picture"],
)
def test_upload_of_what_is_no_video_says_so_beside_the_field_and_keeps_what_was_typed(
    content, sentence, client, editor, branch, private_root
):
    client.force_login(editor)

    answer = client.post("/admin/video/new/", form(branch, content))

    assert answer.status_code == 200
    assert [message.startswith(sentence) for message in answer.context["form"].errors["file"]] == [True]
    page = answer.content.decode()
    assert sentence in page
    assert "学习《条例》〈上〉" in page
    assert not Video.objects.exists()
    assert not Asset.objects.exists()
    assert [path for path in private_root.rglob("*") if path.is_file()] == []


def test_upload_with_two_mistakes_tells_both_at_once(client, editor, branch):
    client.force_login(editor)

    answer = client.post("/admin/video/new/", form(branch, b"text" * 100, title=""))

    assert set(answer.context["form"].errors) == {"title", "file"}


def test_upload_on_a_full_disk_says_so_beside_the_field(client, editor, branch, clip, settings):
    settings.MEDIA_FREE_RESERVE_BYTES = 2**60
    client.force_login(editor)

    answer = client.post("/admin/video/new/", form(branch, clip))

    assert "服务器磁盘空间不足" in answer.context["form"].errors["file"][0]
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-hans", "上传中断，请检查网络后再次提交。"),
        ("en", "The upload broke off. Check the connection, then submit again."),
    ],
)
def test_upload_form_carries_the_sentence_for_a_broken_connection(language, sentence, client, editor):
    UserProfile.objects.update_or_create(user=editor, defaults={"preferred_language": language})
    client.force_login(editor)

    assert f'data-upload-broken="{sentence}"' in client.get("/admin/video/new/").content.decode()


def test_upload_without_a_title_keeps_nothing_of_the_file(client, editor, branch, clip, private_root):
    client.force_login(editor)

    answer = client.post("/admin/video/new/", form(branch, clip, title=""))

    assert "title" in answer.context["form"].errors
    assert not Asset.objects.exists()
    assert [path for path in private_root.rglob("*") if path.is_file()] == []


def test_failed_video_shows_its_reason_and_can_be_retried_or_accepted(client, editor, branch, clip):
    client.force_login(editor)
    client.post("/admin/video/new/", form(branch, clip))
    video = Video.objects.get()
    Asset.objects.update(state="failed", failure_code="truncated", failure="文件不完整：声明 3 秒，实际只有 2 秒。")

    page = client.get(f"/admin/video/edit/{video.pk}/").content.decode()

    assert "文件不完整：声明 3 秒，实际只有 2 秒。" in page
    assert "重试" in page
    assert "按现有内容使用" in page
    assert "文件不完整" in client.get("/admin/video/").content.decode()
    assert client.post(f"/admin/video/{video.pk}/retry/").status_code == 302
    assert Asset.objects.get().state == "waiting"
    Asset.objects.update(state="failed", failure_code="truncated")
    client.post(f"/admin/video/{video.pk}/accept/")
    assert Asset.objects.values_list("state", "accepts_damage").get() == ("waiting", True)


def test_videos_of_another_branch_are_neither_listed_nor_touched(client, branch, clip):
    other = make_branch(make_committee())
    video = upload_video(io.BytesIO(clip), title="他们的视频", owner_organisation=other)
    Asset.objects.update(state="failed")
    client.force_login(make_staff("editor", branch))

    assert "他们的视频" not in client.get("/admin/video/").content.decode()
    assert client.get(f"/admin/video/{video.pk}/state/").status_code == 404
    assert client.post(f"/admin/video/{video.pk}/retry/").status_code == 404
    assert client.post(f"/admin/video/delete/{video.pk}/").status_code in {302, 403, 404}
    assert Video.objects.filter(pk=video.pk).exists()
    assert Asset.objects.get().state == "failed"


def test_member_without_the_right_does_not_reach_the_administration_of_videos(client, branch):
    client.force_login(make_member(branch).user)

    assert client.get("/admin/video/").status_code in {302, 403}
    assert client.get("/admin/video/new/").status_code in {302, 403}


def test_list_costs_the_same_for_one_and_three_videos(client, editor, branch, clip, django_assert_max_num_queries):
    client.force_login(editor)
    counts = []
    for wanted in (1, 3):
        while Video.objects.count() < wanted:
            upload_video(io.BytesIO(clip), title="一", owner_organisation=branch, uploaded_by=editor)
        client.get("/admin/video/")
        with django_assert_max_num_queries(40) as captured:
            client.get("/admin/video/")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_playback_is_for_the_audience_only(client, branch, clip):
    outsider = make_member(make_branch(make_committee()))
    insider = make_member(branch)
    video = upload_video(
        io.BytesIO(clip), title="内部", owner_organisation=branch, audience=organisation_audience(branch)
    )
    run_due_jobs()
    address = f"/files/videos/{video.uid}/playback"

    assert client.get(address).status_code == 404
    client.force_login(outsider.user)
    hidden = client.get(address)
    absent = client.get("/files/videos/00000000-0000-7000-8000-000000000000/playback")
    assert (hidden.status_code, plain(hidden)) == (404, plain(absent))
    assert client.get(f"/files/videos/{video.uid}/poster").status_code == 404
    with pytest.raises(NotVisible):
        video_playback(video, outsider.user)

    client.force_login(insider.user)
    answer = client.get(address)
    found = answer.json()
    assert answer["Cache-Control"] == "private, no-store"
    assert (found["state"], found["width"], found["height"]) == ("ready", 320, 180)
    client.logout()
    assert client.get(found["manifest"]).content.startswith(b"#EXTM3U"), "the address itself is the right"


def test_playback_while_processing_tells_progress_and_the_note_to_staff_only(client, branch, editor, clip):
    video = upload_video(io.BytesIO(clip), title="公开", owner_organisation=branch)
    Asset.objects.update(state="working", progress=40, note="编码")
    address = f"/files/videos/{video.uid}/playback"

    assert client.get(address).json() == {"state": "working", "progress": 40, "note": ""}
    client.force_login(editor)
    assert client.get(address).json() == {"state": "working", "progress": 40, "note": "编码"}


def test_playback_before_any_file_came_is_waiting(client):
    video = Video.objects.create(title="片子还在路上")

    answer = client.get(f"/files/videos/{video.uid}/playback")

    assert answer.json() == {"state": "waiting", "progress": 0, "note": ""}


def test_remove_of_a_video_that_a_course_needs_is_refused(branch, clip):
    video = upload_video(io.BytesIO(clip), title="要删", owner_organisation=branch)
    make_course([Unit(title="第一讲", kind=Unit.Kind.VIDEO, video=video)])

    with pytest.raises(StillUsed):
        remove_video(video, None)

    assert Asset.objects.exists()


def test_remove_takes_the_files_along(branch, clip, private_root, django_capture_on_commit_callbacks):
    video = upload_video(io.BytesIO(clip), title="要删", owner_organisation=branch)

    with django_capture_on_commit_callbacks(execute=True):
        remove_video(video, None)

    assert not Asset.objects.exists()
    assert [path for path in private_root.rglob("*") if path.is_file()] == []
