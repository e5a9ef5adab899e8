"""Handing the search sources of contributors to the search library."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from plugins.host import faults, page_types, registry, state
from plugins.host.sources import Source
from plugins.sdk import SearchSource
from search import contracts
from search import registry as search_registry

Documents = Callable[[Sequence[str] | None], Iterable[Any]]


def register_sources(source: Source) -> None:
    """Register what a contributor declares."""
    for item in source.search:
        if isinstance(item, SearchSource):
            item = contracts.SearchSource(
                kind=item.kind,
                label=item.label,
                label_en=item.label_en or item.label,
                documents=documents_of(source, item),
                types=_plain(item.types),
                facets=dict(item.facets),
            )
        if item.kind == page_types.PAGE_KIND:
            item = dataclasses.replace(item, types={**item.types, **_plain(page_types.type_labels())})
        search_registry.register(item)


def _plain(types: Mapping[str, tuple[Any, str]]) -> dict[str, tuple[str, str]]:
    """Names that may wait for their translation as texts: Chinese and English."""
    with translation.override(settings.LANGUAGE_CODE):
        return {name: (str(label), str(label_en)) for name, (label, label_en) in types.items()}


def inactive_kinds(where: Any = None) -> frozenset[str]:
    """What search must not show on a site: the kinds of the loaded plugins that are off there, and "page:<search type>" for the pages of
    their types. One query; for a request it is the one that the request makes anyway."""
    if isinstance(where, HttpRequest):
        on = state.active_slugs(where)
    else:
        on = state.active_on_site(int(where) if where else state.default_site_id())
    kinds = frozenset(item.kind for plugin in registry.plugins() if plugin.slug not in on for item in plugin.search)
    return kinds | page_types.inactive_types(on)


def documents_of(source: Source, item: SearchSource) -> Documents:
    """The declared function, loaded on first use; what it raises is recorded as a fault and raised on."""

    def documents(uids: Sequence[str] | None) -> Iterable[Any]:
        try:
            yield from source.load(item.documents)(uids)
        except Exception as error:
            faults.record(source.name, f"search:{item.kind}", error)
            raise

    return documents
