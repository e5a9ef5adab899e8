"""The world of the rights, made once a module."""

import pytest

from tests.kept import rolled_back
from tests.rights.world import World, make_world


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> World:
    """Made once and rolled back at the end of the module."""
    with rolled_back(django_db_blocker):
        yield make_world()
