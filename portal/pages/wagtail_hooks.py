"""What we add to Wagtail's administration: our mark and colours, the chooser of videos."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from portal.pages.choosers import video_chooser


@hooks.register("insert_global_admin_css")
def admin_colours() -> SafeString:
    """Our colour tokens in Wagtail's names."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("construct_explorer_page_queryset")
def with_owners(parent_page: Any, pages: Any, request: HttpRequest) -> Any:
    """What may be done with a listed page is decided by its owner: all owners of a listing are one query."""
    return pages.prefetch_related("owner_organisation")


@hooks.register("register_admin_viewset")
def register_video_chooser() -> object:
    """Makes the chooser of the video block answer."""
    return video_chooser
