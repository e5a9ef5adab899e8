"""What every test starts from."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _empty_cache():
    """The cache outlives a rolled-back transaction; its rows do not."""
    cache.clear()
    yield
    cache.clear()
