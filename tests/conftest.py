"""What every test starts from."""

import os

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _empty_cache():
    """The cache outlives a rolled-back transaction; its rows do not."""
    cache.clear()
    yield
    cache.clear()


SERVICES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the services a plain `pytest` skips what needs them; under bin/test and in CI nothing is skipped."""
    absent = [name for name in SERVICES if not os.environ.get(name)]
    if not absent or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(absent)}: bin/test cluster"))
