"""Search of these tests: an engine and a shelf of their own, and nothing kept in memory from test to test."""

import pytest

from portal.finding.domain import answers, curating, using
from search import registry
from search.contracts import SearchSource
from tests.search.conftest import engine, shelf

__all__ = ["engine", "shelf"]


@pytest.fixture(autouse=True)
def _fresh():
    curating.forget()
    using.forget()
    yield
    curating.forget()
    using.forget()


@pytest.fixture
def answering(shelf):
    """The shelf beside the answers."""
    source = SearchSource(
        "answer", "问答", "Answers", answers.documents, {"answer": ("党务问答", "Questions and answers")}
    )
    registry.register(source)
    yield shelf
    registry.unregister("answer")
