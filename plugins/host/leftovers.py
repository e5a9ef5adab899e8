"""What a plugin leaves in tables that are not its own: which rows those are, and deleting them.

Everything here goes by the plugin's slug alone, so that it works as well when the plugin's code is gone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q, QuerySet

from portal.ground.models import Delivery, Job, OutboxEntry, PeriodicJob
from search.contracts import SearchSource
from search.engines import current_engine
from search.indexing.reading import apply_groups
from search.models import IndexState

# Columns of upper layers that hold "<slug>" or "<slug>.<something>"; the host may not import those layers.
_NAMED_BY_KIND = (
    ("notices", "Posting", "notice__kind"),
    ("notices", "Notice", "kind"),
    ("notices", "Message", "kind"),
    ("notices", "Task", "kind"),
    ("notices", "ChannelChoice", "kind"),
    ("exchange", "AgreedRow", "kind"),
)
# Tables whose rows tell what was done; they outlive the plugin and are shown without its code.
LASTING_TABLES = frozenset(
    {
        "plugins_host_auditlabel",
        "records_auditline",
        "records_seal",
        "records_sealedcontent",
        "records_chainhead",
        "records_dayhead",
        "records_dayheadline",
        "wagtailcore_modellogentry",
        "wagtailcore_pagelogentry",
    }
)


@dataclasses.dataclass(frozen=True)
class Leftover:
    """Rows of one kind: where, how many, and deleting them."""

    what: str
    count: int
    delete: Callable[[], Any]


def kind_filter(field: str, slug: str) -> Q:
    """Rows whose kind is the slug or begins with it and a point."""
    return Q(**{field: slug}) | Q(**{f"{field}__startswith": f"{slug}."})


def leftovers_of(slug: str, *, with_types: bool = True) -> list[Leftover]:
    """The rows outside the plugin's own tables, in an order in which they can be deleted. Content types (and with them
    permissions, revisions, references) are left out without `with_types`."""
    found: list[Leftover] = []

    def rows(what: str, query: QuerySet[Any]) -> None:
        found.append(Leftover(what, query.count(), query.delete))

    for model in apps.get_app_config("plugins_host").get_models():
        lasting = model._meta.db_table in LASTING_TABLES
        if not lasting and any(field.name == "slug" for field in model._meta.get_fields()):
            rows(model._meta.label, model._default_manager.filter(slug=slug))
    work = Q(kind__startswith=f"plugins.{slug}.")
    rows("ground.PeriodicJob", PeriodicJob.objects.filter(work))
    rows("ground.Job", Job.objects.filter(work | Q(kind="outbox.drain", key__startswith=f"plugins.{slug}.")))
    rows("ground.Delivery", Delivery.objects.filter(consumer__startswith=f"plugins.{slug}."))
    told = Q(name__startswith=f"{slug}.") | Q(name="plugins.switched", payload__slug=slug)
    told |= Q(name="content.changed") & kind_filter("payload__kind", slug)
    rows("ground.OutboxEntry", OutboxEntry.objects.filter(told))
    for app, name, field in _NAMED_BY_KIND:
        model = apps.get_model(app, name)
        rows(model._meta.label, model._default_manager.filter(kind_filter(field, slug)))
    indexed = IndexState.objects.filter(kind_filter("kind", slug))
    found.append(Leftover("search.IndexState", indexed.count(), lambda: _forget_search(indexed)))
    if with_types:
        rows("contenttypes.ContentType", ContentType.objects.filter(app_label=slug))
    return found


def _forget_search(indexed: QuerySet[IndexState]) -> None:
    """Take the rows out of the index, then forget how far it was."""
    for kind in set(indexed.values_list("kind", flat=True)):
        nothing = SearchSource(kind=kind, label=kind, label_en=kind, types={}, documents=lambda _uids: ())
        groups = list(indexed.filter(kind=kind).exclude(rows=[]).values_list("group", flat=True))
        if groups and current_engine().is_ready():
            apply_groups(current_engine(), nothing, groups)
    indexed.delete()


def delete_leftovers(slug: str) -> dict[str, int]:
    """Delete them; how many rows of each kind. Raises SearchUnavailable when the index cannot be reached."""
    gone = {}
    with transaction.atomic():
        for left in leftovers_of(slug):
            if left.count:
                left.delete()
                gone[left.what] = left.count
    ContentType.objects.clear_cache()
    return gone


def orphaned_tables(slug: str) -> list[str]:
    """Tables that begin with `<slug>_` and belong to no loaded model."""
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    there = connection.introspection.table_names()
    return sorted(table for table in there if table.startswith(f"{slug}_") and table not in known)


def drop_tables(slug: str, tables: Iterable[str]) -> None:
    """Drop tables of a plugin whose code is gone, and forget its migrations."""
    quote = connection.ops.quote_name
    with connection.schema_editor() as editor:
        for table in tables:
            editor.execute(f"DROP TABLE {quote(table)}{' CASCADE' if connection.vendor == 'postgresql' else ''}")
    MigrationRecorder.Migration.objects.filter(app=slug).delete()
