"""Videos: upload, playback for those who may see them, retry, removal. The bytes are the media pipeline's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, QuerySet

from media_pipeline import operations
from media_pipeline.intake import receive
from media_pipeline.models import Asset
from media_pipeline.playback import NotReady, Playback, playback_for
from portal.files.domain.delivery import NotVisible, may_fetch
from portal.files.models import Video
from portal.ground.audit import audit
from portal.ground.generation import raise_generation
from portal.ground.rights import may
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.audiences import visible_filter
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Audience, Organisation


class StillUsed(Exception):
    """The video is part of a course or page and cannot be removed."""


def usable_videos(user: Any) -> QuerySet[Video]:
    """The videos that `user` may put into pages: those of the subtrees where they may add files, and those they can see.
    None for a person who may not add files at all."""
    if not may(user, "files.add"):
        return Video.objects.none()
    paths = paths_where(user, "files.add")
    if paths is None:
        return Video.objects.all()
    return Video.objects.filter(visible_filter(viewer_of(user)) | within_paths(paths, "owner_organisation__path"))


def upload_video(file: Any, *, title: str, **details: Any) -> Video:
    """Take an uploaded file in as a video and queue its processing; it plays when its asset is ready.

    `file` is a Django file or an open binary stream; `details` are those of `enter_video`. Not to be called inside a
    transaction: copying the file would hold it. Raises `media_pipeline.intake.RefusedUpload` with a sentence for the
    uploader, and then nothing is kept.
    """
    asset = receive(file, title=title)
    try:
        return enter_video(asset, title=title, **details)
    except BaseException:
        operations.delete(asset)
        raise


def enter_video(
    asset: Asset,
    *,
    title: str,
    owner_organisation: Organisation | None,
    audience: Audience | None = None,
    secrecy: int = 0,
    description: str = "",
    uploaded_by: Any = None,
) -> Video:
    """Enter a received asset as a video; without `audience` it is public. Writes the video; audits."""
    with transaction.atomic():
        video = Video.objects.create(
            title=title,
            description=description,
            owner_organisation=owner_organisation,
            audience=audience,
            secrecy=secrecy,
            asset_uid=asset.uid,
            uploaded_by=uploaded_by,
        )
        audit(uploaded_by, "video.uploaded", target_kind="video", target_uid=video.uid)
    return video


def change_video(video: Video) -> None:
    """Save what was changed of a video's title, owner or audience; cached pages that show it end at once."""
    with transaction.atomic():
        video.save()
        raise_generation()


def asset_of(video: Video) -> Asset | None:
    """The asset of a video, None while nothing was uploaded."""
    return attach_assets([video])[0].asset  # type: ignore[attr-defined]


def attach_assets(videos: Iterable[Video]) -> list[Video]:
    """The videos, each with its asset (or None) as `asset`: one query for all."""
    listed = list(videos)
    uids = [video.asset_uid for video in listed if video.asset_uid]
    assets = (
        {row.uid: row for row in Asset.objects.filter(uid__in=uids).select_related("current_version")} if uids else {}
    )
    for video in listed:
        video.asset = assets.get(video.asset_uid) if video.asset_uid else None  # type: ignore[attr-defined]
    return listed


def video_playback(video: Video, user: Any) -> Playback:
    """Signed addresses for this person. Raises NotVisible for those outside the audience, and
    `media_pipeline.playback.NotReady` while nothing plays. Watching above level 0 is audited."""
    if not may_fetch(user, video):
        raise NotVisible(str(video.uid))
    asset = asset_of(video)
    if asset is None:
        raise NotReady(str(video.uid))
    signed_in = user is not None and user.is_authenticated
    playback = playback_for(asset, f"user:{user.pk}" if signed_in else "anonymous")
    if video.secrecy > 0:
        audit(user, "video.played", target_kind="video", target_uid=video.uid)
    return playback


def retry_video(video: Video, user: Any) -> None:
    """Process a failed video again. Raises `media_pipeline.operations.NotFailed`; audits."""
    asset = asset_of(video)
    if asset is None:
        raise operations.NotFailed
    with transaction.atomic():
        operations.retry(asset)
        audit(user, "video.retried", target_kind="video", target_uid=video.uid)


def accept_damaged_video(video: Video, user: Any) -> None:
    """Use what is there of an incomplete file. Raises `media_pipeline.operations.NotDamaged`; audits."""
    asset = asset_of(video)
    if asset is None:
        raise operations.NotDamaged
    with transaction.atomic():
        operations.accept_damage(asset)
        audit(user, "video.damage_accepted", target_kind="video", target_uid=video.uid)


def remove_video(video: Video, user: Any) -> None:
    """Delete a video with its original and all outputs. Raises StillUsed when a course or page needs it; audits."""
    asset = asset_of(video)
    try:
        with transaction.atomic():
            audit(user, "video.removed", target_kind="video", target_uid=video.uid)
            video.delete()
            if asset is not None:
                operations.delete(asset)
            raise_generation()
    except ProtectedError as error:
        raise StillUsed(str(video.uid)) from error
