"""The engine in use: Elasticsearch when it has an address, else a folder; `settings.SEARCH_ENGINE` can name one for the folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from django.conf import settings

from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.portable.engine import PortableEngine

_engines: dict[tuple[str, ...], Engine] = {}


def current_engine() -> Engine:
    """Elasticsearch when an address is set, else tantivy on the index folder; where no tantivy can be installed, or when
    `settings.SEARCH_ENGINE` says so, SQLite's FTS5 on that folder ("fts5") or in memory ("memory", for tests of one process).
    One object for each address or folder and process."""
    if settings.ELASTICSEARCH_URL:
        key: tuple[str, ...] = (
            "elasticsearch",
            settings.ELASTICSEARCH_URL,
            settings.ELASTICSEARCH_INDEX_PREFIX,
            settings.ELASTICSEARCH_API_KEY,
            settings.ELASTICSEARCH_CA_FILE,
        )
    else:
        key = (_folder_engine(), str(settings.SEARCH_INDEX_DIR))
    if key not in _engines:
        _engines[key] = _make(key)
    return _engines[key]


def _folder_engine() -> str:
    named = str(settings.SEARCH_ENGINE)
    if named != "auto":
        return named
    return "tantivy" if importlib.util.find_spec("tantivy") else "fts5"


def _make(key: tuple[str, ...]) -> Engine:
    name, *rest = key
    if name == "elasticsearch":
        return ElasticEngine(*rest)
    if name == "tantivy":
        from search.engines.embedded.engine import EmbeddedEngine  # noqa: PLC0415 - there may be no tantivy here

        return EmbeddedEngine(Path(rest[0]))
    return PortableEngine(None if name == "memory" else Path(rest[0]))
