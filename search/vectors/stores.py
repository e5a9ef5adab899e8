"""The store of vectors in use: where the index is."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from search.engines import current_engine
from search.engines.elastic.engine import ElasticEngine
from search.vectors.elastic import ElasticVectors
from search.vectors.folder import FolderVectors
from search.vectors.service import Maker
from search.vectors.store import VectorStore

_folders: dict[tuple[str, Maker], FolderVectors] = {}


def current_store(maker: Maker) -> VectorStore:
    """The vectors of this maker: in Elasticsearch when that is the engine, else in the index folder."""
    engine = current_engine()
    if isinstance(engine, ElasticEngine):
        return ElasticVectors(engine, str(settings.ELASTICSEARCH_INDEX_PREFIX), maker)
    folder = (str(settings.SEARCH_INDEX_DIR), maker)
    if folder not in _folders:
        _folders[folder] = FolderVectors(Path(folder[0]), maker)
    return _folders[folder]
