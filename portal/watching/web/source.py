"""The checked address that tells a player where its video is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, JsonResponse

from media_pipeline.models import Asset
from portal.files.models import Video
from portal.watching.domain.playing import NotVisible, source_for


def answer_source(user: Any, video: Video | None, asset: Asset | None) -> JsonResponse:
    """The video's addresses for this person, never kept by a cache; 404 for who may not watch it."""
    try:
        answer = JsonResponse(source_for(user, video, asset))
    except NotVisible:
        raise Http404 from None
    answer["Cache-Control"] = "private, no-store"
    return answer
