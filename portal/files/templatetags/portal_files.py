"""Template tags for files."""

from typing import Any

from django import template
from django.urls import reverse

from portal.files.domain.delivery import may_fetch
from portal.files.models import Video

register = template.Library()


@register.inclusion_tag("files/video_player.html", takes_context=True)
def file_video(context: dict[str, Any], video: Video | None) -> dict[str, Any]:
    """The player of a video; nothing of it, not even its title, for those who may not see it."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if video is None or not may_fetch(user, video):
        return {"video": None}
    return {
        "video": video,
        "title": video.title,
        "uid": video.uid,
        "source_url": reverse("files:video_playback", args=[video.uid]),
    }
