"""What a player needs to play a video, for a person who may."""

from __future__ import annotations

from typing import Any

from media_pipeline.models import Asset
from media_pipeline.playback import NotReady, playback_for
from portal.files.domain.delivery import may_fetch
from portal.files.models import Video


class NotVisible(Exception):
    """This person may not watch the video; to be answered exactly as if it did not exist."""


def source_for(user: Any, video: Video | None, asset: Asset | None) -> dict[str, Any]:
    """Where the video is for this person: state, addresses that live for a while once it plays, progress before that.

    The video's own audience holds beside that of the page it stands on. Raises NotVisible. Writes nothing.
    """
    if video is None or asset is None or not may_fetch(user, video):
        raise NotVisible
    try:
        playback = playback_for(asset, str(getattr(user, "uid", "")))
    except NotReady:
        return {"state": asset.state, "progress": asset.progress, "note": asset.note}
    return {"state": Asset.State.READY, "manifest": playback.manifest_url, "poster": playback.poster_url}
