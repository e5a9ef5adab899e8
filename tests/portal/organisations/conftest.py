"""A committee, and its administrator, signed in."""

import pytest

from tests.factories import make_committee, make_staff

BACKEND = "portal.accounts.backends.LoginHandleBackend"


@pytest.fixture
def ours():
    return make_committee("甲公司党委")


@pytest.fixture
def admin(client, ours):
    user = make_staff("admin", ours)
    client.force_login(user, backend=BACKEND)
    return user
