from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from search import outage, registry
from search.engines import current_engine
from search.engines.base import Engine
from search.indexing.changes import note_back
from tests.search.shelf import Shelf


def _forget_outages() -> None:
    outage.forget_outage()
    note_back()


@pytest.fixture(
    params=[
        "embedded",
        pytest.param(
            "fts5", marks=[pytest.mark.slow, pytest.mark.once]
        ),  # they keep their rows themselves: no database
        pytest.param("memory", marks=[pytest.mark.slow, pytest.mark.once]),  # of a cluster makes a difference to them
        pytest.param("elastic", marks=pytest.mark.cluster),
    ]
)
def engine(request: pytest.FixtureRequest, settings, tmp_path, db) -> Iterator[Engine]:
    """Each engine in turn, empty, in a place of its own."""
    _forget_outages()
    settings.SEARCH_ENGINE = request.param if request.param in ("fts5", "memory") else "auto"
    if request.param != "elastic":
        settings.ELASTICSEARCH_URL = ""
        settings.SEARCH_INDEX_DIR = tmp_path / "search"
        yield current_engine()
        _forget_outages()
        return
    settings.ELASTICSEARCH_URL = os.environ["ELASTICSEARCH_URL"]
    settings.ELASTICSEARCH_INDEX_PREFIX = f"test-{secrets.token_hex(4)}"
    elastic = current_engine()
    yield elastic
    _forget_outages()
    elastic.drop_all()


@pytest.fixture
def shelf(engine: Engine) -> Iterator[Shelf]:
    """The only source of this test, on the engine of this round."""
    before = registry.sources()
    for source in before:
        registry.unregister(source.kind)
    shelf = Shelf()
    registry.register(shelf.source())
    yield shelf
    registry.unregister(shelf.kind)
    for source in before:
        registry.register(source)
