"""The world of the rights, made once a module."""

import pytest

from tests.rights.world import World, make_world


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> World:
    """Made once and rolled back at the end of the module."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            yield make_world()
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
