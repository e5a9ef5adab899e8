"""What the actions of plugins are called in the audit trail. The names are kept when they are first seen, so that the trail can be read
after a plugin is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from plugins.host import registry
from plugins.host.models import AuditLabel

LONGEST = 120


def declared() -> dict[str, tuple[str, str]]:
    """Chinese and English name by action, of the loaded plugins."""
    return {action: names for plugin in registry.plugins() for action, names in plugin.audit_labels.items()}


def all_labels() -> Mapping[str, tuple[str, str]]:
    """The same with those of plugins that are gone: one query."""
    kept = {row.action: (row.label, row.label_en) for row in AuditLabel.objects.all()}
    return {**kept, **declared()}


def keep_labels(**_signal: Any) -> int:
    """Write down the names of the loaded plugins; how many changed. Called after migrating and when a plugin is switched."""
    if AuditLabel._meta.db_table not in connection.introspection.table_names():
        return 0  # migrated back beyond this table
    kept = {row.action: row for row in AuditLabel.objects.all()}
    changed = []
    for plugin in registry.plugins():
        for action, (label, label_en) in plugin.audit_labels.items():
            row = kept.get(action)
            if row is None or (row.slug, row.label, row.label_en) != (plugin.slug, str(label), label_en):
                changed.append(AuditLabel(action=action, slug=plugin.slug, label=str(label), label_en=label_en))
    AuditLabel.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["action"], update_fields=["slug", "label", "label_en"]
    )
    return len(changed)
