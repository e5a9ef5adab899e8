"""The engine in use: Elasticsearch when it has an address, else a folder; `settings.SEARCH_ENGINE` can name one for the folder."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.portable.engine import PortableEngine
from search.engines.rows import Row

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
        named = str(settings.SEARCH_ENGINE)
        key = (best_for_a_folder() if named == "auto" else named, str(settings.SEARCH_INDEX_DIR))
    if key not in _engines:
        _engines[key] = _make(key)
    return _engines[key]


def best_for_a_folder() -> str:
    """ "tantivy", or "fts5" on a machine where there is no tantivy."""
    return "tantivy" if importlib.util.find_spec("tantivy") else "fts5"


def folder_engine(name: str, root: Path | None) -> Engine:
    """An engine of its own on a folder: "tantivy" or "fts5"; FTS5 in memory without a folder."""
    if name == "tantivy" and root is not None:
        from search.engines.embedded.engine import EmbeddedEngine  # noqa: PLC0415 - there may be no tantivy here

        return EmbeddedEngine(root)
    return PortableEngine(root)


def engine_of_rows(rows: Iterable[Row]) -> Engine:
    """A few rows in memory, asked once and forgotten: tantivy, or FTS5 where there is none or the settings say so."""
    if settings.SEARCH_ENGINE in ("auto", "tantivy") and best_for_a_folder() == "tantivy":
        from search.engines.embedded.memory import MemoryEngine  # noqa: PLC0415 - there may be no tantivy here

        return MemoryEngine(rows)
    engine = PortableEngine(None)
    build = engine.begin_rebuild()
    build.add(rows)
    build.finish(list)
    return engine


def _make(key: tuple[str, ...]) -> Engine:
    name, *rest = key
    if name == "elasticsearch":
        return ElasticEngine(*rest)
    return folder_engine(name, None if name == "memory" else Path(rest[0]))
