"""Page types of plugins: not to be made where the plugin is off; what is there answers 404 to readers and stays editable."""

from __future__ import annotations

from typing import Any

from plugins.host import faults, registry, state

_owners: tuple[int, dict[type, str]] = (-1, {})


def _owner_of_types() -> dict[type, str]:
    global _owners
    edition = registry.edition()
    if _owners[0] != edition:
        found: dict[type, str] = {}
        for plugin in registry.plugins():
            for target in plugin.page_types:
                try:
                    found[plugin.load(target)] = plugin.slug
                except Exception as error:  # noqa: BLE001 - recorded
                    faults.record(plugin.slug, f"page_type:{target}", error)
        _owners = (edition, found)
    return _owners[1]


def is_off(page_type: type) -> bool:
    """Whether a page type belongs to a plugin that is off for the request that this thread is busy with."""
    slug = _owner_of_types().get(page_type)
    return slug is not None and slug not in state.active_here()


def types_off() -> tuple[Any, ...]:
    """The page types of the plugins that are off."""
    on = state.active_here()
    return tuple(page_type for page_type, slug in _owner_of_types().items() if slug not in on)
