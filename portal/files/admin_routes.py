"""What the routes of pictures, documents and videos in the administration need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from wagtail.permissions import policy_registry

from portal.files.domain.videos import usable_videos
from portal.files.models import PortalDocument, PortalImage
from portal.organisations.admin_gate import NOBODY, Check, admin_routes, bulk_actions_on, ensure, only

_ADD = "files.add"
_CHANGING = {
    "wagtailimages": [
        "edit", "delete", "url_generator", "preview", "image_usage", "edit_multiple", "delete_multiple",
    ],
    "wagtaildocs": ["edit", "delete", "document_usage", "edit_multiple", "delete_multiple"],
}  # fmt: skip


def _rows(model: type[Any], *actions: str) -> Callable[[Any], Any]:
    return lambda user: policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, set(actions))


def _named(*arguments: str, rows: Callable[[Any], Any]) -> Check:
    checks = [only(argument, rows) for argument in arguments]

    def check(request: HttpRequest, given: dict[str, Any]) -> None:
        for one in checks:
            one(request, given)

    return check


def _ticked(model: type[Any]) -> Check:
    def check(request: HttpRequest, arguments: dict[str, Any]) -> None:
        ticked = request.GET.getlist("id")
        if "all" in ticked:
            raise Http404
        ensure(request.user, ticked, _rows(model, "change"))

    return check


def declare_file_routes() -> None:
    """Declare them."""
    for app, model in (("wagtailimages", PortalImage), ("wagtaildocs", PortalDocument)):
        choose = _named("pk", "image_id", rows=_rows(model, "choose"))
        change = _named("image_id", "document_id", "doc_id", rows=_rows(model, "change"))
        admin_routes(f"{app}:*", _ADD)
        admin_routes([f"{app}:{name}" for name in _CHANGING[app]], _ADD, change)
        admin_routes(f"{app}_chooser:*", _ADD, choose)
        kind = model._meta
        bulk_actions_on(kind.app_label, kind.model_name or "", _ADD, _ticked(model))
    admin_routes("wagtailimages:url_generator_output", NOBODY)
    admin_routes("page_video_chooser:*", _ADD, only("pk", usable_videos))
    admin_routes("page_video_chooser:create", NOBODY)
