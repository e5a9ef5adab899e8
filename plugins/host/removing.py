"""Taking a plugin away, with or without its data. Best while its code is still there; what can be done without it is done too."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Site

from plugins.host import blocks, leftovers, registry, state, usage
from plugins.host.adding import RESTART
from plugins.host.operator_list import read_list, write_list
from portal.ground.audit import audit

Say = Callable[[str], None]


class CannotRemove(ValueError):
    """The plugin stays; `in_the_way` lists what has to go first. Nothing has changed."""

    def __init__(self, message: str, in_the_way: list[str] | None = None) -> None:
        self.in_the_way = in_the_way or []
        super().__init__("\n  ".join([message, *self.in_the_way]))


@dataclasses.dataclass(frozen=True)
class Removed:
    """A plugin that was taken away: `rows` deleted outside its own tables, by table; `next_steps` for the operator."""

    slug: str
    rows: dict[str, int]
    next_steps: tuple[str, ...]


def remove(
    slug: str, *, purge: bool, leave_content: bool = False, actor: Any = None, say: Say = lambda _line: None
) -> Removed:
    """Switch the plugin off everywhere and take it off the operator's list.

    Keeping data leaves its tables and rows for the day it comes back. With `purge` its migrations are unapplied and every row
    it left elsewhere is deleted: content types, permissions, settings, switches, faults, jobs, deliveries, search entries,
    notices. Audit entries stay. `leave_content` lets pages and blocks of its types be kept as what the portal cannot show;
    not together with `purge`. Raises CannotRemove.
    """
    known = next((plugin for plugin in registry.found() if plugin.slug == slug), None)
    loaded = known is not None and known.is_loaded and apps.is_installed(known.package)
    if known is None and not _traces(slug):
        raise CannotRemove(f"没有名为 {slug} 的插件，也没有它留下的数据 (no such plugin, and nothing left of one)")
    if not loaded and slug in {config.label for config in apps.get_app_configs()}:
        raise CannotRemove(f"{slug} 属于门户自身 (belongs to the portal itself)")
    decided = read_list(Path(settings.DATA_DIR))
    if decided.problem:
        raise CannotRemove(decided.problem)
    if known is not None and known.named in settings.PLUGINS_EXTERNAL:
        raise CannotRemove(
            f"它由环境变量列出，请先从 PLUGINS_EXTERNAL 中删去 {known.named} (take it out of PLUGINS_EXTERNAL first)"
        )
    _refuse_if_needed(slug)
    if purge or not leave_content:
        _refuse_if_used(slug)
    if purge and loaded:
        _refuse_if_irreversible(slug)
    if loaded:
        for site_id in Site.objects.values_list("pk", flat=True):
            if slug in state.active_on_site(site_id):
                state.switch(slug, enabled=False, site_id=site_id, actor=actor)
    if known is not None:
        named = known.named or slug
        write_list(
            Path(settings.DATA_DIR),
            decided.with_removed(slug) if known.origin == "bundled" else decided.without_external(named, slug),
        )
    rows = _purge(slug, loaded=loaded, say=say) if purge else {}
    audit(actor, "plugins.purge" if purge else "plugins.remove", target_kind="plugin", target_uid=slug)
    state.ask_again()
    following = [RESTART]
    if purge:
        following.append("重新启动后再查一遍 (after the restart look once more): manage.py plugins doctor")
    return Removed(slug, rows, tuple(following))


def _traces(slug: str) -> bool:
    return bool(
        any(left.count for left in leftovers.leftovers_of(slug))
        or leftovers.orphaned_tables(slug)
        or slug in {app for app, _ in MigrationExecutor(connection).loader.applied_migrations}
    )


def _refuse_if_needed(slug: str) -> None:
    needing = sorted(
        plugin.slug
        for plugin in registry.found()
        if plugin.is_loaded and plugin.manifest and slug in plugin.manifest.requires
    )
    if needing:
        raise CannotRemove("这些插件需要它，请先移除 (these plugins need it, remove them first)", needing)


def _refuse_if_used(slug: str) -> None:
    in_the_way = usage.pages_of_app(slug)
    try:
        names = {blocks.full_name(slug, name) for name in registry.plugin(slug).blocks}
    except registry.NoSuchPlugin:
        names = set()
    in_the_way += usage.blocks_in_use(names) if names else []
    if in_the_way:
        raise CannotRemove(
            "内容还在使用它，请先删除或改写 (content still uses it; delete or rewrite first)", in_the_way
        )


def _refuse_if_irreversible(slug: str) -> None:
    executor = MigrationExecutor(connection)
    if slug not in executor.loader.migrated_apps:
        return
    plan = executor.migration_plan([(slug, None)])
    others = sorted({migration.app_label for migration, _ in plan} - {slug})
    if others:
        raise CannotRemove("这些应用的数据表依赖它 (the tables of these apps depend on it)", others)
    fixed = [
        f"{migration.name}: {type(operation).__name__}"
        for migration, _ in plan
        for operation in migration.operations
        if not operation.reversible
    ]
    if fixed:
        raise CannotRemove("这些迁移不能撤销 (these migrations cannot be unapplied)", fixed)


def _purge(slug: str, *, loaded: bool, say: Say) -> dict[str, int]:
    if loaded and slug in MigrationExecutor(connection).loader.migrated_apps:
        try:
            call_command("migrate", slug, "zero", verbosity=0, interactive=False)
        except IrreversibleError as error:
            raise CannotRemove(str(error)) from error
        say("数据表已删除 (its tables are gone)")
    elif not loaded and (tables := leftovers.orphaned_tables(slug)):
        leftovers.drop_tables(slug, tables)
        say(f"数据表已删除 (tables dropped): {', '.join(tables)}")
    rows = leftovers.delete_leftovers(slug)
    for what, count in rows.items():
        say(f"{what}: {count}")
    return rows
