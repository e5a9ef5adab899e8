"""What the routes of Wagtail's page administration need: foreign pages answer as absent, on every side door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import swapper
from django.http import Http404, HttpRequest
from wagtail.permissions import policy_registry

from portal.basepage.rights import EDIT, PUBLISH
from portal.organisations.admin_gate import ENTER, NOBODY, admin_routes, bulk_actions_on, ensure

_CHANGE = {"add", "change", "publish"}
_PAGE_ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "pk")


def _page() -> Any:
    return swapper.load_model("wagtailcore", "Page")


def changeable(user: Any) -> Any:
    """Pages whose drafts and history a person may read: those of the subtrees in which the person writes, reviews or
    publishes."""
    return policy_registry.get_by_type(_page()).instances_user_has_any_permission_for(user, _CHANGE)


def explorable(user: Any) -> Any:
    """Pages that the person's explorer shows: the above, and the sections that lead to them."""
    return policy_registry.get_by_type(_page()).explorable_instances(user)


def _named(arguments: dict[str, Any]) -> Iterable[Any]:
    return [arguments[name] for name in _PAGE_ARGUMENTS if name in arguments]


def _shown_in_explorer(request: HttpRequest, arguments: dict[str, Any]) -> None:
    if named := _named(arguments):
        ensure(request.user, named, explorable)


def _changeable_pages(request: HttpRequest, arguments: dict[str, Any]) -> None:
    ensure(request.user, _named(arguments), changeable, explorable)


def _movable_pages(request: HttpRequest, arguments: dict[str, Any]) -> None:
    """What is moved has to be changeable; the place it goes to need only be shown: Wagtail asks whether pages may be added."""
    ensure(request.user, [arguments["page_to_move_id"]], changeable, explorable)
    if "destination_id" in arguments:
        ensure(request.user, [arguments["destination_id"]], explorable)


def _ticked_pages(request: HttpRequest, arguments: dict[str, Any]) -> None:
    """Pages ticked for an action on many: named in the query, or all children of one page."""
    ticked = request.GET.getlist("id")
    if "all" not in ticked:
        ensure(request.user, ticked, changeable, explorable)
        return
    parent = request.GET.get("childOf", "")
    if not parent.isdecimal() or "q" in request.GET:
        raise Http404
    ensure(request.user, [parent], explorable)
    children = _page().objects.get(pk=parent).get_children().values_list("pk", flat=True)
    ensure(request.user, children, changeable, explorable)


def declare_page_routes() -> None:
    """Declare them."""
    admin_routes(
        [
            "wagtailadmin_api:pages:*",
            "wagtailadmin_explore_root",
            "wagtailadmin_pages:search",
            "wagtailadmin_pages:search_results",
        ],
        ENTER,
    )
    admin_routes(
        [
            "wagtailadmin_explore",
            "wagtailadmin_explore_results",
            "wagtailadmin_choose_page",
            "wagtailadmin_choose_page_child",
            "wagtailadmin_choose_page_search",
            "wagtailadmin_choose_page_chosen_multiple",
        ],
        EDIT,
        _shown_in_explorer,
    )
    admin_routes("wagtailadmin_pages:*", EDIT, _changeable_pages)
    admin_routes(
        [
            "wagtailadmin_pages:add",
            "wagtailadmin_pages:add_subpage",
            "wagtailadmin_pages:preview_on_add",
        ],
        EDIT,
        _shown_in_explorer,
    )
    admin_routes(
        [
            "wagtailadmin_pages:choose_parent",
            "wagtailadmin_pages:type_use",
            "wagtailadmin_pages:type_use_results",
        ],
        EDIT,
    )
    admin_routes(["wagtailadmin_pages:move", "wagtailadmin_pages:move_confirm"], EDIT, _movable_pages)
    kind = _page()._meta
    bulk_actions_on(kind.app_label, kind.model_name, EDIT, _ticked_pages)
    admin_routes("wagtailadmin_reports:*", EDIT)
    admin_routes(["wagtailadmin_reports:page_types_usage*", "wagtailadmin_reports:site_history*"], NOBODY)
    admin_routes("simple_translation:submit_page_translation", PUBLISH, _changeable_pages)
