"""The ground is tested without the periodic jobs that upper layers declare."""

import pytest

from portal.ground.jobs.kinds import _periods


@pytest.fixture(autouse=True)
def _no_periodic_jobs_of_others():
    declared = dict(_periods)
    _periods.clear()
    yield
    _periods.clear()
    _periods.update(declared)
