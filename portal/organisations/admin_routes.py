"""What the routes of the administration itself need: those that no kind of content owns."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest
from wagtail.permissions import policy_registry

from portal.organisations.admin_gate import ENTER, NOBODY, OPEN, admin_routes, ask_before, ensure


def declare_admin_routes() -> None:
    """Declare them. Upper layers declare the routes of what they own, and may say more than is said here."""
    admin_routes(
        [
            "wagtailadmin_login",
            "wagtailadmin_logout",
            "wagtailadmin_sprite",
            "wagtailadmin_javascript_catalog",
            "wagtailadmin_password_reset*",
        ],
        OPEN,
    )
    admin_routes(
        [
            "wagtailadmin_home",
            "wagtailadmin_account",
            "wagtailadmin_dismissibles",
            "wagtailadmin_block_preview",
            "wagtailadmin_choose_page_external_link",
            "wagtailadmin_choose_page_email_link",
            "wagtailadmin_choose_page_phone_link",
            "wagtailadmin_choose_page_anchor_link",
            "wagtailadmin_tag_autocomplete",
            "wagtailadmin_tag_model_autocomplete",
            "wagtailadmin_editing_sessions:release",
            "wagtailsnippets:index",
        ],
        ENTER,
    )
    admin_routes("wagtailadmin_editing_sessions:ping", ENTER, _editable_object)
    admin_routes(
        [
            "wagtailadmin_error_test",
            "wagtailadmin_api:*",
            "wagtailadmin_collections:*",
            "wagtailadmin_workflows:*",
            "wagtaillocales:*",
            "wagtailsites:*",
            "wagtailusers_users:*",
            "wagtailusers_groups:*",
            "simple_translation:*",
            "wagtailsettings:*",
        ],
        NOBODY,
    )


def name_acts() -> None:
    """The acts of the administration that matter most: rights, the end of organisations, what runs on the site."""
    ask_before(
        [
            "grants:add",
            "grants:edit",
            "organisations:merge",
            "organisations:split",
            "organisations:dissolve",
            "plugins_switch",
        ]
    )


def _editable_object(request: HttpRequest, arguments: dict[str, Any]) -> None:
    """Who else edits a row is told only to those who may change it."""
    try:
        model = apps.get_model(arguments["app_label"], arguments["model_name"])
    except LookupError:
        raise Http404 from None
    policy = policy_registry.get_by_type(model, fallback=False)
    if policy is None:
        raise Http404
    ensure(
        request.user,
        [unquote(arguments["object_id"])],
        lambda user: policy.instances_user_has_any_permission_for(user, {"change", "publish"}),
    )
