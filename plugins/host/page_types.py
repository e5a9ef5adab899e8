"""Page types of plugins: not to be made where the plugin is off; what is there is not named to readers and stays editable."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType

from plugins.host import faults, registry, state
from plugins.host.guard import expect
from plugins.sdk import PageType

PAGE_KIND = "page"
"""The kind of the search source that all pages are in."""

Declared = dict[type, tuple[str, PageType]]

_declared: tuple[int, Declared] = (-1, {})


def declared_types() -> Declared:
    """The page models of all loaded plugins, each with its plugin and what that says of it. One that cannot be loaded, that is no page
    model of the plugin's own or has the search type of somebody else's is a recorded fault."""
    global _declared
    edition = registry.edition()
    if _declared[0] != edition:
        found: Declared = {}
        for plugin in registry.plugins():
            for item in plugin.page_types:
                try:
                    model = plugin.load(item.model)
                    expect(type, model, item.model)
                    if not issubclass(model, apps.get_model(settings.WAGTAIL_PAGE_MODEL)):
                        raise TypeError(f"{item.model} is no page model")
                    found[model] = plugin.slug, item
                except Exception as error:  # noqa: BLE001 - recorded
                    faults.record(plugin.slug, f"page_type:{item.model}", error)
        _declared = (edition, found)
    return _declared[1]


def is_off(page_type: type) -> bool:
    """Whether a page type belongs to a plugin that is off for the request that this thread is busy with."""
    owner = declared_types().get(page_type)
    return owner is not None and owner[0] not in state.active_here()


def hidden_types() -> tuple[int, ...]:
    """The content types of the pages that readers are not to be told of in the request that this thread is busy with: their plugins are
    off. None outside of requests, where nobody reads."""
    request = state.present_request()
    if request is None:
        return ()
    on = state.active_slugs(request)
    off = [model for model, (slug, _item) in declared_types().items() if slug not in on]
    return tuple(sorted(kind.pk for kind in ContentType.objects.get_for_models(*off).values())) if off else ()


def search_types() -> tuple[str, ...]:
    """The search types of all page types of plugins that lists of pages show."""
    return tuple(_search_type(model) for model, (_slug, item) in declared_types().items() if item.listed)


def type_labels() -> dict[str, tuple[str, str]]:
    """The search types of all page types of plugins with their Chinese and English names."""
    return {
        _search_type(model): (item.label, item.label_en or item.label)
        for model, (_slug, item) in declared_types().items()
    }


def inactive_types(active: frozenset[str]) -> frozenset[str]:
    """What search calls the page types of the plugins that are not in `active`: "page:<search type>"."""
    return frozenset(
        f"{PAGE_KIND}:{_search_type(model)}" for model, (slug, _item) in declared_types().items() if slug not in active
    )


def _search_type(model: Any) -> str:
    return str(model.search_type)
