"""Handing the search sources of contributors to the search library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from plugins.host import faults
from plugins.host.sources import Source
from plugins.sdk import SearchSource
from search import contracts, registry

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
                types=dict(item.types),
                facets=dict(item.facets),
            )
        registry.register(item)


def documents_of(source: Source, item: SearchSource) -> Documents:
    """The declared function, loaded on first use; what it raises is recorded as a fault and raised on."""

    def documents(uids: Sequence[str] | None) -> Iterable[Any]:
        try:
            yield from source.load(item.documents)(uids)
        except Exception as error:
            faults.record(source.name, f"search:{item.kind}", error)
            raise

    return documents
