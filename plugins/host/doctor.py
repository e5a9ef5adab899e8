"""What plugins that came and went left behind, and what holds present ones back; each finding says what to type."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count

from plugins.host import leftovers, registry, state, usage
from plugins.host.operator_list import read_list
from portal.ground.models import Delivery, Job, PeriodicJob
from search.models import IndexState
from search.registry import sources as search_sources

MOST_NAMED, NAMED_AT_ONCE = 200, 20
PURGE = "manage.py plugins remove {slug} --purge"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing out of order: about which plugin, what it is, what to type."""

    slug: str
    text: str
    type_this: str


def findings(most_rows: int | None = None) -> list[Finding]:
    """Everything that is out of order. With `most_rows` blocks are looked for in so many rows of each model only, the newest, and a
    finding says so. The number of queries follows the number of plugins that are gone, never that of pages. Only reads."""
    found = _left_out() + _waiting()
    gone = _slugs_that_are_gone()
    for slug in sorted(gone):
        found += _left_by(slug)
    found += _pages_without_code() + _blocks_without_code(most_rows)
    if most_rows and usage.has_more_than(most_rows):
        text = f"内容较多，这里只查了每类最新的 {most_rows} 条里的内容块 (only the newest rows were looked through for blocks)"
        found.append(Finding("", text, "manage.py plugins doctor"))
    return found


def _left_out() -> list[Finding]:
    decided = read_list(Path(settings.DATA_DIR))
    found = [Finding("", decided.problem, "改正或删除该文件 (correct or delete the file)")] if decided.problem else []
    for plugin in registry.found():
        reason = registry.reason_of(plugin.slug)
        if reason and plugin.slug not in decided.removed:
            remedy = f"manage.py plugins check {plugin.slug}"
            if plugin.origin == "external":
                remedy += f"；或 (or) manage.py plugins remove {plugin.slug} --keep-data"
            found.append(Finding(plugin.slug, f"没有载入 (not loaded): {reason}", remedy))
    return found


def _waiting() -> list[Finding]:
    return [
        Finding(slug, notice, f"manage.py migrate {slug}；或安装合适的版本 (or install the version that fits)")
        for slug, notice in sorted(state.notices().items())
    ]


def _slugs_that_are_gone() -> set[str]:
    """Slugs that rows or tables speak of and no plugin or app of this process has."""
    installed = {config.label for config in apps.get_app_configs()}
    there = installed | {
        plugin.slug for plugin in registry.found() if plugin.reason == "" or plugin.origin == "external"
    }
    named = set(ContentType.objects.values_list("app_label", flat=True))
    named |= set(MigrationRecorder.Migration.objects.values_list("app", flat=True))
    for model in apps.get_app_config("plugins_host").get_models():
        if any(field.name == "slug" for field in model._meta.get_fields()):
            named |= set(model._default_manager.values_list("slug", flat=True))
    for model, column in ((PeriodicJob, "kind"), (Job, "kind"), (Delivery, "consumer")):
        values = model._default_manager.filter(**{f"{column}__startswith": "plugins."}).values_list(column, flat=True)
        named |= {value.split(".")[1] for value in values.distinct()}
    declared = {source.kind for source in search_sources()}
    kinds = set(IndexState.objects.exclude(kind__in=declared).values_list("kind", flat=True).distinct())
    named |= {kind.partition(".")[0] for kind in kinds}
    return {slug for slug in named - there if slug}


def _left_by(slug: str) -> list[Finding]:
    parts = [f"{left.what} × {left.count}" for left in leftovers.leftovers_of(slug) if left.count]
    parts += [f"{table} (table)" for table in leftovers.orphaned_tables(slug)]
    if not parts:
        return []
    text = f"插件已不在，留有 (the plugin is gone and left): {', '.join(parts)}"
    remedy = f"重新安装它 (install it again)；或 (or) {PURGE.format(slug=slug)}"
    return [Finding(slug, text, remedy)]


def _pages_without_code() -> list[Finding]:
    gone = {kind.pk: kind.app_label for kind in ContentType.objects.all() if kind.model_class() is None}
    pages = usage.page_model()._default_manager.filter(content_type__in=list(gone))
    counted: dict[str, int] = {}
    for kind, count in pages.order_by().values_list("content_type").annotate(count=Count("pk")):
        counted[gone[kind]] = counted.get(gone[kind], 0) + count
    titles: dict[str, list[str]] = {slug: [] for slug in counted}
    for kind, pk, title in pages.order_by("pk").values_list("content_type", "pk", "title")[:MOST_NAMED]:
        titles[gone[kind]].append(f"{title} (#{pk})")
    return [
        Finding(
            slug,
            f"没有代码的页面 (pages of an unknown type) × {counted[slug]}: {_listed(titles[slug], counted[slug])}",
            "在后台删除这些页面，或重新安装 (delete them in the administration, or install it again)",
        )
        for slug in sorted(counted)
    ]


def _listed(names: list[str], count: int) -> str:
    shown = names[:NAMED_AT_ONCE]
    return ", ".join(shown) + (" …" if len(shown) < count else "")


def _blocks_without_code(most_rows: int | None) -> list[Finding]:
    known: set[str] = set()
    for _model, field in usage.stream_fields():
        known |= usage.known_types(field.stream_block)
    places: dict[str, list[str]] = {}
    for label, pk, name in usage.unknown_blocks(known, most_rows):
        places.setdefault(name, []).append(f"{label} #{pk}")
    return [
        Finding(
            "",
            f"没有代码的内容块 (blocks kept without their code) “{name}” × {len(listed)}: {_listed(listed, len(listed))}",
            "重新安装提供它的插件，或在编辑器中删除 (install the plugin that brings it, or delete them in the editor)",
        )
        for name, listed in sorted(places.items())
    ]


def tables_without_owner() -> list[str]:
    """All tables of the database that belong to no loaded model; for tests and for the curious."""
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {"django_migrations"}
    return sorted(set(connection.introspection.table_names()) - known)
