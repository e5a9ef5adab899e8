"""The ground is tested without the periodic jobs that upper layers declare."""

import pytest

from portal.ground.jobs import kinds


@pytest.fixture(autouse=True)
def _no_periodic_jobs_of_others(monkeypatch):
    monkeypatch.setattr(kinds, "_periods", {})
