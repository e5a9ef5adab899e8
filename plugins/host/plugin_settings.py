"""The settings of plugins: kept for each site, read with the form's initial values where nothing was saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest

from plugins.host import registry, state
from plugins.host.guard import Garbage, guarded
from plugins.host.models import PluginSettings
from plugins.sdk import Plugin
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.generation import raise_generation
from portal.ground.rights import may

POINT = "settings"


class NotJson(Garbage):
    """The form gives something that cannot be kept as JSON; the message names the field."""


def may_change(user: Any, plugin: Plugin) -> bool:
    """Whether a person may change a plugin's settings: who may switch plugins, or holds the right that the form names."""
    needed = plugin.settings_form.needs if plugin.settings_form else ""
    return may(user, state.MANAGE) or bool(needed and may(user, plugin.right(needed)))


def form_class_of(plugin: Plugin) -> type[forms.Form]:
    """The declared form. Raises what importing raises, and Garbage when it is no form."""
    declared = plugin.settings_form
    found = plugin.load(declared.form) if declared else None
    if not (isinstance(found, type) and issubclass(found, forms.BaseForm)):
        raise Garbage("settings_form must name a Django form")
    return found


def defaults_of(plugin: Plugin) -> dict[str, Any]:
    """The initial values of the form."""
    fields: Mapping[str, forms.Field] = form_class_of(plugin).base_fields  # type: ignore[attr-defined]
    return {name: field.initial() if callable(field.initial) else field.initial for name, field in fields.items()}


def saved(slug: str, site_id: int) -> dict[str, Any]:
    """What was saved last for a site: one query."""
    return PluginSettings.objects.filter(slug=slug, site_id=site_id).values_list("values", flat=True).first() or {}


def settings_of(slug: str, request: HttpRequest | None = None) -> Mapping[str, Any]:
    """What holds for the site of `request` (or the one this thread is busy with), or for the default site. A form that
    cannot be loaded gives no defaults; what was saved is there all the same."""
    request = request if request is not None else state.present_request()
    kept: dict[str, Mapping[str, Any]] = {} if request is None else request.__dict__.setdefault("_plugin_settings", {})
    if slug not in kept:
        plugin = registry.plugin(slug)
        defaults = guarded(slug, POINT, lambda: defaults_of(plugin)) or {} if plugin.settings_form else {}
        kept[slug] = MappingProxyType({**defaults, **saved(slug, state.site_id_of(request))})
    return kept[slug]


def save(plugin: Plugin, values: Mapping[str, Any], *, site_id: int, actor: Any) -> tuple[str, ...]:
    """Keep the cleaned values of the form for a site; the names of those that changed.

    Raises NotJson. Writes the row and an audit line with the names (never the values), and raises the content generation.
    """
    plain = {}
    for name, value in values.items():
        try:
            plain[name] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise NotJson(f"{name}: {error}") from error
    with transaction.atomic():
        row, _made = PluginSettings.objects.select_for_update().get_or_create(site_id=site_id, slug=plugin.slug)
        before = {**defaults_of(plugin), **row.values}
        changed = tuple(sorted(name for name, value in plain.items() if before.get(name) != value))
        row.values = plain
        row.changed_by = actor if getattr(actor, "pk", None) else None
        row.changed_at = now()
        row.save()
        raise_generation()
        audit(
            row.changed_by,
            "plugins.settings",
            target_kind="plugin",
            target_uid=plugin.slug,
            site_id=site_id,
            changed=list(changed),
        )
    if (request := state.present_request()) is not None:
        request.__dict__.pop("_plugin_settings", None)
    return changed
