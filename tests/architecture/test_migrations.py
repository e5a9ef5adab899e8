"""Migrations have telling names, and the first ones of the base do not depend on Wagtail."""

import re

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

AUTO_NAMED = re.compile(r"\d{4}_(auto_|alter_.*_and_more|.*_and_more$)")
FOLDERS = ("portal.", "plugins.", "search", "media_pipeline")


@pytest.fixture(scope="module")
def migrations():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(FOLDERS)}
    return {key: migration for key, migration in loader.disk_migrations.items() if key[0] in ours}


def test_no_migration_is_auto_named(migrations):
    assert [name for app, name in migrations if AUTO_NAMED.match(name)] == []


def test_no_two_migrations_of_an_app_have_one_number(migrations):
    numbers = [(app, name[:4]) for app, name in migrations]

    assert sorted(set(numbers)) == sorted(numbers)


@pytest.mark.parametrize("app", ["accounts", "organisations", "basepage"])
def test_first_migration_depends_on_no_wagtail_app(migrations, app):
    """Wagtail's own first migrations depend on the swapped page model: a dependency back would be a circle."""
    (first,) = [
        migration for (label, name), migration in migrations.items() if label == app and name.startswith("0001")
    ]
    wagtail = {config.label for config in apps.get_app_configs() if config.name.startswith("wagtail")}

    assert [dependency for dependency in first.dependencies if dependency[0] in wagtail] == []


def test_migrations_run_backwards(migrations):
    """An operation without a way back is either deliberate and says so (`elidable` or a noop), or an oversight."""
    one_way = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in migrations.items()
        for operation in migration.operations
        if not operation.reversible
    ]

    assert one_way == []
