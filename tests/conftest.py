"""What every test starts from."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from portal.records.triggers import wanted_triggers
from tests import database


@pytest.fixture(autouse=True)
def _empty_cache():
    """The cache outlives a rolled-back transaction; its rows do not."""
    from plugins.host import (  # here, because this module is also named on the command line (bin/test plugin)
        faults,
        state,
    )
    from portal.pages import frame

    def empty():
        cache.clear()
        state._on.clear()
        frame._kept.clear()  # kept by a content generation, which comes again in the next test

    empty()
    yield
    empty()
    faults.forget_breakers()


@pytest.fixture(autouse=True)
def _sealed_rows_can_be_emptied(request: pytest.FixtureRequest):
    """A test that commits is followed by a flush, which SQLite does by DELETE: the triggers go before it and come with it."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction") or not _is_sqlite():
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with connection.cursor() as cursor:
        for name in wanted_triggers():
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


@pytest.fixture(scope="session")
def _database_turn():
    """Held until there is a kept database; `close` ends it early."""
    with ExitStack() as held:
        if _is_sqlite():
            held.enter_context(database.turn())
        yield held


@pytest.fixture(scope="session")
def django_db_keepdb(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, _database_turn: ExitStack
) -> bool:
    """Whether the test database is there already: on SQLite a copy of one with the same migrations."""
    if request.config.getvalue("reuse_db") or not _is_sqlite():
        return bool(request.config.getvalue("reuse_db"))
    if settings.PLUGINS_EXTERNAL and not database.kept_database().exists():
        database.make_without_external_plugins(database.kept_database())
    copied = database.copy_kept(database.kept_database(), _test_database())
    if copied:
        _database_turn.close()
    return copied


@pytest.fixture(scope="session")
def django_db_setup(django_db_keepdb: bool, _database_turn: ExitStack, django_db_setup: None) -> None:
    """As usual, and a freshly migrated SQLite database is kept for the next time."""
    if _is_sqlite() and not django_db_keepdb and not settings.PLUGINS_EXTERNAL:
        database.keep(_test_database(), database.kept_database())
    _database_turn.close()


def _is_sqlite() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def _test_database() -> Path:
    return Path(settings.DATABASES["default"]["TEST"]["NAME"])


SERVICES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")


def _allowed_seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker is not None and marker.args else 0.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that are allowed the longest time come first, so that no process ends alone with one of them. Without the services
    a plain `pytest` skips what needs them; under bin/test and in CI nothing is skipped.
    """
    items.sort(key=lambda item: -_allowed_seconds(item))
    absent = [name for name in SERVICES if not os.environ.get(name)]
    if not absent or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(absent)}: bin/test cluster"))
