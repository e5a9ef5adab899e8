"""Pages whose type is gone: the plugin that brought it was taken away. Readers do not find them; staff can read and delete them.

Their content lies in a table that no model knows any more, and in their versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from wagtail.models import Revision

from portal.basepage.models import BasePage
from portal.ground.content import content_changed
from portal.shared.html import text_of

ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id")
STILL_WORK = {"wagtailadmin_pages:delete"}
LONGEST = 2000

_known: dict[int, bool] = {}


def is_orphan_type(content_type_id: int) -> bool:
    """Whether no model answers to a content type. Which models there are does not change while a process runs."""
    if content_type_id not in _known:
        kind = ContentType.objects.get_for_id(content_type_id)
        _known[content_type_id] = kind.model_class() is None
    return _known[content_type_id]


def orphan_types() -> list[int]:
    """The content types of pages whose model is gone."""
    used = BasePage.objects.order_by().values_list("content_type_id", flat=True).distinct()
    return [kind for kind in used if is_orphan_type(kind)]


def stored_values(page: BasePage) -> list[tuple[str, str]]:
    """Name and text of what the last version of a page holds beyond what every page has."""
    revision = Revision.objects.filter(object_id=str(page.pk), base_content_type__isnull=False)
    newest = revision.filter(pk=page.latest_revision_id).first() or revision.order_by("-created_at").first()
    content = newest.content if newest is not None else {}
    common = {field.name for field in BasePage._meta.get_fields()} | {"pk", "wagtail_admin_comments", "comments"}
    return [
        (name, text_of(value)[:LONGEST] if isinstance(value, str) else str(value)[:LONGEST])
        for name, value in content.items()
        if name not in common and value not in (None, "", [], {})
    ]


class OrphanGate:
    """After the gate of the administration: views that work on a page by its own model are not for one without. What can be
    read of it is shown in their place; deleting works."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        """The page that shows it, for reading; 403 for a form; None for pages that have their type."""
        match = request.resolver_match
        if match is None or not match.view_name.startswith("wagtailadmin_pages:") or match.view_name in STILL_WORK:
            return None
        key = next((kwargs[name] for name in ARGUMENTS if name in kwargs), None)
        if key is None or not request.user.is_authenticated:
            return None
        page = BasePage.objects.filter(pk=key).first()
        if page is None or not is_orphan_type(page.content_type_id):
            return None
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        kind = ContentType.objects.get_for_id(page.content_type_id)
        context = {
            "page": page,
            "kind": f"{kind.app_label}.{kind.model}",
            "values": stored_values(page),
            "may_delete": page.permissions_for_user(request.user).can_delete(),
            "page_title": page.title or _("没有标题"),
        }
        return render(request, "basepage/orphan.html", context)


# --- deleting -----------------------------------------------------------------------------------------------------------
def before_deleting(sender: Any, instance: BasePage, **_more: Any) -> None:
    """Inside the transaction of the deletion, whoever deletes: search is told, and what no model knows goes first."""
    content_changed("page", instance.uid)
    if instance.content_type_id and is_orphan_type(instance.content_type_id):
        delete_unknown_rows(BasePage._meta.db_table, [instance.pk])


def delete_unknown_rows(table: str, keys: list[Any]) -> int:
    """Delete the rows, in tables that no model knows, that point at these rows of `table`, and what points at those in turn;
    how many went. Rows of tables that a model knows are that model's matter."""
    gone = 0
    for other, column, key in _unknown_tables_pointing_at(table):
        marks = ", ".join(["%s"] * len(keys))
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            # Names of tables and columns come from the database itself, and are quoted.
            cursor.execute(f"SELECT {quote(key)} FROM {quote(other)} WHERE {quote(column)} IN ({marks})", keys)  # noqa: S608
            below = [row[0] for row in cursor.fetchall()]
            if not below:
                continue
            gone += delete_unknown_rows(other, below)
            cursor.execute(f"DELETE FROM {quote(other)} WHERE {quote(column)} IN ({marks})", keys)  # noqa: S608
            gone += len(below)
    return gone


def _unknown_tables_pointing_at(table: str) -> Iterable[tuple[str, str, str]]:
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True, include_swapped=True)}
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in known]
        for name in names:
            for column, (_column, target) in connection.introspection.get_relations(cursor, name).items():
                if target == table and name != table:
                    key = connection.introspection.get_primary_key_column(cursor, name)
                    if key is not None:
                        yield name, column, key
