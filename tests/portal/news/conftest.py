import pytest

from portal.pages import frame
from portal.pages.web import page_cache


@pytest.fixture(autouse=True)
def _fresh_process():
    """What the process remembers outlives a rolled-back transaction."""
    page_cache.store.clear()
    page_cache._next_change = None
    frame._kept.clear()
    yield
    page_cache.store.clear()
    frame._kept.clear()
