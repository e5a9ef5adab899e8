"""Wagtail's document address asks our audience first; videos have their place in the administration."""

from typing import Any

from django.http import Http404
from django.urls import path
from wagtail import hooks

from portal.files.admin_texts import again
from portal.files.admin_videos import VideoViewSet
from portal.files.domain.delivery import may_fetch
from portal.ground.audit import audit


@hooks.register("before_serve_document")
def refuse_what_may_not_be_seen(document: Any, request: Any) -> None:
    """404 for those outside the audience, as if the document did not exist; downloads above level 0 are logged."""
    if not may_fetch(request.user, document):
        raise Http404
    if document.secrecy > 0:
        audit(request.user, "document.downloaded", target_kind="document", target_uid=document.uid)


@hooks.register("register_admin_viewset")
def register_videos() -> object:
    """Upload, state, retry and rights of videos."""
    return VideoViewSet("video")


@hooks.register("register_admin_urls")
def register_texts() -> list[object]:
    """The words inside documents."""
    return [path("documents/<int:document_id>/text/", again, name="document_text_again")]
