"""What is kept about a person here: which videos the person brought in."""

from __future__ import annotations

from collections.abc import Iterable

from portal.files.models import Video
from portal.ground.personal import Erased, Person, Table


def export(person: Person) -> Iterable[Table]:
    """The videos uploaded."""
    if person.user_id is None:
        return
    videos = Video.objects.filter(uploaded_by_id=person.user_id).order_by("created_at", "pk")
    yield Table(
        "videos",
        "上传的视频",
        {"title": "标题", "created_at": "上传时间"},
        [{"title": title, "created_at": at.isoformat()} for title, at in videos.values_list("title", "created_at")],
    )


def erase(person: Person) -> Erased:
    """The name goes from the videos, which belong to their organisation."""
    if person.user_id is None:
        return Erased(0)
    return Erased(Video.objects.filter(uploaded_by_id=person.user_id).update(uploaded_by=None))
