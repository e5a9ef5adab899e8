"""A person with a password."""

import pytest

from portal.accounts.models import User
from tests.factories import make_user

PASSWORD = "jiang-chuan-7-lines"


@pytest.fixture
def person():
    """林晓, who signs in as linxiao."""
    return make_login()


def make_login(name: str = "linxiao", password: str = PASSWORD) -> User:
    """A login with a password."""
    user = make_user(name)
    user.set_password(password)
    user.save()
    return user


def sign_in(client, name="linxiao", password=PASSWORD, address="10.1.1.1", **fields):
    """Post the form from an address."""
    return client.post("/account/login/", {"username": name, "password": password, **fields}, REMOTE_ADDR=address)
