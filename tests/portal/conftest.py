"""A clock that tests set."""

import datetime as dt

import pytest
from django.utils import timezone


class Clock:
    """The present; `wait(seconds)` lets time pass."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)

    def wait(self, seconds: float) -> None:
        """Move on."""
        self.moment += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch):
    """The server's clock."""
    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.moment)
    return made
