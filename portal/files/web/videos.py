"""Where a video is, for those who may see it: the player asks here, so a cached page never holds a signed address."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from media_pipeline.playback import NotReady
from media_pipeline.storage import StoredFileMissing
from media_pipeline.web.views import poster_response
from portal.files.domain.delivery import NotVisible, fetchable, is_public
from portal.files.domain.videos import asset_of, video_playback
from portal.files.models import Video
from portal.ground.rights import may, open_to_all


def _video_or_404(request: HttpRequest, uid: uuid.UUID) -> Video:
    video = Video.objects.select_related("owner_organisation").filter(fetchable(request.user), uid=uid).first()
    if video is None:
        raise Http404
    return video


@open_to_all
@require_safe
def playback(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """JSON: `{state, manifest, poster, expires, duration, width, height}` when it plays, else `{state, progress, note}`."""
    video = _video_or_404(request, uid)
    try:
        found = video_playback(video, request.user)
    except NotVisible:
        raise Http404 from None
    except NotReady:
        asset = asset_of(video)
        works_here = request.user.is_authenticated and may(request.user, "files.add")
        answer = {
            "state": asset.state if asset else "waiting",
            "progress": asset.progress if asset else 0,
            "note": asset.note if asset and works_here else "",
        }
    else:
        answer = {
            "state": "ready",
            "manifest": found.manifest_url,
            "poster": found.poster_url,
            "expires": found.expires_at.isoformat(),
            "duration": found.duration_seconds,
            "width": found.width,
            "height": found.height,
        }
    response = JsonResponse(answer)
    response["Cache-Control"] = "private, no-store"
    return response


@open_to_all
@require_safe
def poster(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The poster as a picture, for cards and lists."""
    video = _video_or_404(request, uid)
    asset = asset_of(video)
    if asset is None or asset.current_version is None:
        raise Http404
    version = asset.current_version
    try:
        response = poster_response(request, version.folder, f'"{version.uid.hex}-poster"')
    except StoredFileMissing:
        raise Http404 from None
    response["Cache-Control"] = "public, max-age=300" if is_public(video) else "private, no-store"
    return response
