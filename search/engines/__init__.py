"""The engine in use, chosen by `settings.ELASTICSEARCH_URL` alone."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.embedded.engine import EmbeddedEngine

_engines: dict[tuple[str, ...], Engine] = {}


def current_engine() -> Engine:
    """Elasticsearch when an address is set, else the index folder. One object for each address or folder and process."""
    if settings.ELASTICSEARCH_URL:
        key: tuple[str, ...] = (
            settings.ELASTICSEARCH_URL,
            settings.ELASTICSEARCH_INDEX_PREFIX,
            settings.ELASTICSEARCH_API_KEY,
            settings.ELASTICSEARCH_CA_FILE,
        )
    else:
        key = ("", str(settings.SEARCH_INDEX_DIR))
    if key not in _engines:
        _engines[key] = ElasticEngine(*key) if key[0] else EmbeddedEngine(Path(key[1]))
    return _engines[key]
