"""Operations of the API about films."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema

from media_pipeline.playback import NotReady
from plugins.sdk.api import OPEN, allows
from portal.files.domain.delivery import NotVisible, fetchable
from portal.files.domain.videos import asset_of, video_playback
from portal.files.models import Video

router = Router(tags=[_("视频")])


class PlaybackInfo(Schema):
    """Where a film plays. While `state` is not "ready" there are no addresses. They are signed for this person, and a player
    asks again when `expires` is near."""

    state: str
    progress: int | None = None
    manifest: str | None = None
    poster: str | None = None
    expires: dt.datetime | None = None
    seconds: float | None = None
    width: int | None = None
    height: int | None = None


@router.get("/videos/{uid}/playback", response=PlaybackInfo, summary=_("一个视频的播放地址"))
@allows(OPEN, scope="content.read")
def playback(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """The addresses, for those who may see the film."""
    user: Any = request.user
    video = Video.objects.select_related("owner_organisation").filter(fetchable(user), uid=uid).first()
    if video is None:
        raise Http404
    try:
        found = video_playback(video, user)
    except NotVisible:
        raise Http404 from None
    except NotReady:
        asset = asset_of(video)
        return {"state": asset.state if asset else "waiting", "progress": asset.progress if asset else 0}
    return {
        "state": "ready",
        "manifest": found.manifest_url,
        "poster": found.poster_url,
        "expires": found.expires_at,
        "seconds": found.duration_seconds,
        "width": found.width,
        "height": found.height,
    }
