"""What the media pipeline knows of videos, for many at once."""

from __future__ import annotations

from collections.abc import Iterable

from media_pipeline.models import Asset
from portal.files.models import Video


def assets_of(videos: Iterable[Video]) -> dict[int, Asset]:
    """The asset of each video that has one, by the video's primary key: one query."""
    keys = {video.asset_uid: video.pk for video in videos if video.asset_uid is not None}
    if not keys:
        return {}
    return {
        keys[asset.uid]: asset for asset in Asset.objects.filter(uid__in=list(keys)).select_related("current_version")
    }


def duration_ms_of(asset: Asset | None) -> int | None:
    """The length of what plays, or None while it is unknown."""
    if asset is None or not asset.duration_seconds:
        return None
    return round(asset.duration_seconds * 1000)
