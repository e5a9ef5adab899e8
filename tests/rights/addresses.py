"""How addresses are filled in: which value of the world each argument of a route stands for."""

from __future__ import annotations

import datetime as dt
import fnmatch
import uuid
from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch, get_resolver, reverse

UNTRIED = {
    "play:*": "the address itself is the right: signed, for one viewer, for minutes (tests/media_pipeline)",
    "wagtailadmin_password_reset_confirm": "the address itself is the right: a token sent to one person",
    "files:video_poster": "a file, fetched after the same question as playback (tests/portal/files)",
    "wagtailadmin_error_test": "raises on purpose",
}
"""Routes that are not tried, each with its reason."""

_LITERAL = {
    "page_kind": "articlepage",
    "page_app": "news",
    "nothing": "nothing",
    "approve": "approve",
    "live": "live",
    "latest": "latest",
    "fill": "fill-40x40",
    "filter": "max-165x165",
    "zero": 0,
    "one": 1,
}
_BY_ROUTE: tuple[tuple[str, dict[str, str]], ...] = (
    ("wagtailadmin_pages:preview_on_add", {"parent_page_id": "page", "content_type_app_name": "page_app", "content_type_model_name": "page_kind"}),
    ("wagtailadmin_api:pages:*", {"pk": "page", "action_name": "nothing"}),
    ("wagtailadmin_api:images:*", {"pk": "image"}),
    ("wagtailadmin_api:documents:*", {"pk": "document"}),
    ("wagtail_bulk_action", {"app_label": "files_app", "model_name": "image_kind", "action": "bulk"}),
    ("wagtailadmin_pages:revisions_compare", {"pk": "page", "revision_id_a": "live", "revision_id_b": "latest"}),
    ("wagtailadmin_pages:workflow_*", {"action_name": "approve"}),
    ("wagtailadmin_pages:collect_*", {"action_name": "approve"}),
    ("wagtailadmin_tag_model_autocomplete", {"app_name": "taggit", "model_name": "tag"}),
    ("wagtailadmin_workflows:add_task", {"app_label": "pages_app", "model_name": "review_kind"}),
    ("wagtailadmin_workflows:*", {"pk": "workflow", "workflow_pk": "workflow", "page_pk": "page", "task_id": "task"}),
    ("wagtailadmin_workflows:*task", {"pk": "task"}),
    ("wagtailadmin_editing_sessions:*", {"app_label": "page_app", "model_name": "page_kind", "object_id": "page", "session_id": "one"}),
    ("wagtailsettings:*", {"app_name": "pages_app", "model_name": "look_kind", "pk": "site"}),
    ("simple_translation:submit_snippet_translation", {"app_label": "page_app", "model_name": "page_kind", "pk": "page"}),
    ("wagtailadmin_collections:*", {"pk": "collection", "collection_id": "collection"}),
    ("wagtailimages_chooser:*", {"pk": "image"}),
    ("wagtaildocs_chooser:*", {"pk": "document"}),
    ("page_video_chooser:*", {"pk": "video"}),
    ("wagtailimages:*", {"uploaded_file_id": "zero", "filter_spec": "filter"}),
    ("wagtaildocs:*", {"uploaded_file_id": "zero"}),
    ("wagtaildocs_serve", {"_0": "document", "_1": "document_name"}),
    ("regulation:*version", {"pk": "version"}),
    ("regulation:structure", {"pk": "version"}),
    ("regulation:settle", {"pk": "version"}),
    ("regulation:links", {"pk": "version"}),
    ("regulation:change_links", {"pk": "version"}),
    ("regulation:dates", {"pk": "version"}),
    ("regulation:decide", {"pk": "relation"}),
    ("regulation:*", {"pk": "regulation"}),
    ("video:*", {"pk": "video"}),
    ("organisations:import_run", {"uid": "table_uid"}),
    ("organisations:*", {"pk": "organisation", "post": "post"}),
    ("grants:*", {"pk": "grant"}),
    ("accounts:external_*", {"kind": "nothing"}),
    ("api:page", {"uid": "page_uid"}),
    ("api:disclosure-item", {"uid": "item_uid"}),
    ("api:organisation", {"uid": "organisation_uid"}),
    ("api:course", {"uid": "course_uid"}),
    ("api:enrol", {"uid": "course_uid"}),
    ("api:playback", {"uid": "video_uid"}),
    ("api:done", {"uid": "task_uid"}),
    ("api:regulation*", {"code": "law_code", "key": "version_key", "article": "lineage"}),
    ("api_tokens:revoke", {"uid": "token_uid"}),
    ("api_administration_revoke", {"uid": "token_uid"}),
    ("accounts:end_device", {"uid": "sign_in_uid"}),
    ("account_admin_*", {"uid": "user_uid", "name": "sign_out"}),
    ("notices:open", {"uid": "notice_uid"}),
    ("notices:task*", {"uid": "task_uid"}),
    ("notices:*", {"uid": "message_uid"}),
    ("records:head", {"day": "long_ago"}),
    ("workbench:tier", {"uid": "organisation_uid"}),
    ("workbench:again", {"kind": "job", "pk": "one"}),
    ("memberfiles:ask", {"field": "phone"}),
    ("memberfiles:correction", {"uid": "correction_uid"}),
    ("memberfiles:withdraw", {"uid": "correction_uid"}),
    ("memberfiles:prepared", {"uid": "prepared_uid"}),
    ("memberfiles:fetch", {"uid": "prepared_uid"}),
    ("memberfiles:import*", {"uid": "run_uid"}),
    ("memberfiles:*", {"uid": "member_uid"}),
    ("exchange:partner*", {"uid": "partner_uid"}),
    ("exchange:sent", {"uid": "sent_uid"}),
    ("exchange:fetch", {"uid": "sent_uid"}),
    ("exchange:*", {"uid": "received_uid"}),
    ("organisation:deputy", {"uid": "grant_uid"}),
    ("organisation:deputy_end", {"uid": "deputy_uid"}),
    ("organisation:*", {"uid": "organisation_uid"}),
    ("disclosure_items:*", {"pk": "item"}),
    ("disclosure_categories:*", {"pk": "category"}),
    ("answers:*", {"pk": "answer"}),
    ("synonyms:*", {"pk": "synonym"}),
    ("pins:*", {"pk": "pin"}),
    ("finding:answer", {"code": "answer_code"}),
    ("finding:*", {"uid": "saved_uid"}),
    ("points_rules:*", {"pk": "rule"}),
    ("quizzes_papers:*", {"pk": "paper"}),
    ("wagtaillocales:*", {"pk": "locale"}),
    ("wagtailsites:*", {"pk": "site"}),
    ("wagtailusers_users:*", {"pk": "user"}),
    ("wagtailusers_groups:*", {"pk": "group"}),
    ("plugins_*", {"slug": "plugin"}),
    ("files:video_*", {"uid": "video_uid"}),
    ("media:image", {"name": "rendition"}),
    ("school:enrol", {"uid": "course_uid"}),
    ("school:*", {"uid": "unit_uid"}),
    ("microlessons:*", {"uid": "lesson_uid"}),
    ("regulations:change_note", {"uid": "law_note"}),
    ("regulations:unfollow", {"uid": "law_followed"}),
    ("regulations:question", {"uid": "law_question"}),
    ("regulations:*", {"code": "law_code", "key": "version_key", "place": "place", "lineage": "lineage", "form": "form"}),
    ("disclosure:item", {"uid": "item_uid"}),
    ("disclosure:*", {"uid": "draft_uid"}),
    ("quizzes:paper", {"uid": "paper_uid"}),
    ("quizzes:result", {"uid": "attempt_uid"}),
    ("pages:*", {"short_code": "page_code", "slug": "page_slug"}),
    (
        "*",
        {
            "page_id": "page",
            "parent_page_id": "page",
            "page_to_move_id": "page",
            "destination_id": "page",
            "revision_id": "revision",
            "task_state_id": "task_state",
            "task_id": "task",
            "workflow_state_id": "workflow_state",
            "content_type_app_name": "page_app",
            "content_type_model_name": "page_kind",
            "app_label": "page_app",
            "model_name": "page_kind",
            "image_id": "image",
            "document_id": "document",
            "doc_id": "document",
            "session_id": "one",
        },
    ),
)  # fmt: skip
_QUERY = {"wagtail_bulk_action": "?id={image}"}
_MORE = {
    "files_app": "files",
    "image_kind": "portalimage",
    "bulk": "delete",
    "pages_app": "pages",
    "review_kind": "reviewtask",
    "look_kind": "sitelook",
    "taggit": "taggit",
    "tag": "tag",
    "plugin": "points",
    "long_ago": dt.date(2020, 1, 1),
    "job": "job",
    "phone": "phone",
    "sign_out": "sign-out",
    "place": "art1",
    "form": "md",
}
_FAR = 999_999
_UID = uuid.UUID("00000000-0000-7000-8000-000000000000")
ABSENT: Mapping[str, Any] = {
    **dict.fromkeys(
        (
            "page", "revision", "workflow_state", "task_state", "task", "workflow", "image", "document", "video", "course",
            "item", "paper", "regulation", "relation", "version", "organisation", "member", "user", "grant", "post", "site", "locale",
            "collection", "category", "rule", "answer", "synonym", "pin", "group", "content_type",
        ),
        _FAR,
    ),
    **dict.fromkeys(
        ("video_uid", "law_note", "law_followed", "law_question", "page_uid", "token_uid", "course_uid", "unit_uid", "lesson_uid", "item_uid", "draft_uid", "paper_uid", "attempt_uid", "member_uid", "grant_uid", "deputy_uid", "organisation_uid",
            "notice_uid", "message_uid", "task_uid", "user_uid", "sign_in_uid", "prepared_uid", "run_uid", "table_uid", "correction_uid", "partner_uid", "sent_uid", "received_uid", "saved_uid"),
        _UID,
    ),
    "page_code": "zzzzzzzz",
    "answer_code": "zzzzzzzz",
    "page_slug": "nothing",
    "rendition": "nothing.fill-40x40.jpg",
    "document_name": "nothing.txt",
    "law_code": "zzzzzzzz",
    "version_key": "2020-01-01",
    "lineage": "zzzzzzzz",
}  # fmt: skip
"""Values that name nothing."""


def names_things(route: str) -> bool:
    """Whether the address names anything that the world has in several places."""
    return any(value in ABSENT for value in _wanted(route).values())


def _wanted(route: str) -> dict[str, str]:
    """Argument → name of the value, for the arguments that the route has."""
    found: dict[str, str] = {}
    for name in _arguments(route):
        for family, values in _BY_ROUTE:
            if name in values and fnmatch.fnmatchcase(route, family):
                found[name] = values[name]
                break
    return found


def _arguments(route: str) -> list[str]:
    *spaces, name = route.split(":")
    resolver: Any = get_resolver()
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    possibilities = resolver.reverse_dict.getlist(name)
    return sorted({argument for forms, *_rest in possibilities for _text, arguments in forms for argument in arguments})


def address_of(route: str, values: Mapping[str, Any]) -> str:
    """The address of a route for what `values` name. Raises NoReverseMatch when the world cannot fill it in."""
    wanted = _wanted(route)
    given = {argument: _LITERAL.get(name, _MORE.get(name, values.get(name))) for argument, name in wanted.items()}
    if given and all(argument.startswith("_") for argument in given):
        return reverse(route, args=[given[key] for key in sorted(given)])
    try:
        path = reverse(route, kwargs=given)
    except NoReverseMatch:
        path = _shorter(route, given)
    return path + _QUERY.get(route, "").format(image=values.get("image", ""))


def _shorter(route: str, given: dict[str, Any]) -> str:
    """A route of several forms is tried with fewer arguments."""
    names = sorted(given)
    for count in range(len(names) - 1, -1, -1):
        for first in range(len(names) - count + 1):
            try:
                return reverse(route, kwargs={name: given[name] for name in names[first : first + count]})
            except NoReverseMatch:
                continue
    raise NoReverseMatch(route)
