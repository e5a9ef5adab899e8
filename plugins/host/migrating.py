"""`migrate` for a site that has plugins: one whose migration fails keeps nothing else from starting."""

from __future__ import annotations

import logging

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from plugins.host import faults, registry

log = logging.getLogger(__name__)


def migrate_all() -> dict[str, str]:
    """Run all migrations. A plugin's that fails is recorded as its fault and left, with those that build on it; the plugin stays
    inactive. Returns the errors by slug. Raises what a migration of the core raises."""
    plugins = {plugin.slug for plugin in registry.found() if plugin.is_loaded}
    failed: dict[str, str] = {}
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except Exception as error:
        first = next(iter(_pending()), "")
        if first not in plugins:
            raise
        failed[first] = _note(first, error)
    else:
        return {}
    for label in dict.fromkeys(_pending()):
        if label in failed:
            continue
        if label in plugins and _builds_on(label) & set(failed):
            failed[label] = f"{label} 依赖失败的插件 (depends on a plugin that failed)"
            continue
        try:
            call_command("migrate", label, verbosity=0, interactive=False)
        except Exception as error:
            if label not in plugins:
                raise
            failed[label] = _note(label, error)
    return failed


def _pending() -> list[str]:
    """The apps of the migrations to run, in order."""
    executor = MigrationExecutor(connection)
    return [migration.app_label for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _builds_on(label: str) -> set[str]:
    executor = MigrationExecutor(connection)
    return {migration.app_label for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes(label))}


def _note(slug: str, error: Exception) -> str:
    log.error("the migrations of plugin %s failed", slug, exc_info=error)
    faults.record(slug, "migrate", error)
    return f"{type(error).__name__}: {error}"[:500]
