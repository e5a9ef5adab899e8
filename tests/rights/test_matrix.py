"""Every route, method, role and relation does what `docs/operators/rights.md` says."""

import fnmatch
import logging
import os
import random

import pytest

from portal.config.route_registry import all_routes
from tests.rights import matrix
from tests.rights.addresses import ABSENT, UNTRIED, address_of, names_things

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet():
    """Refusals are what is tried here; their traces are nobody's news."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_table_speaks_of_every_route_and_of_no_other():
    told = set(matrix.cells_by_route())
    there = {(route.name, method) for route in matrix.tried_routes() for method in matrix.METHODS}

    assert sorted(there - told) == []
    assert sorted(told - there) == []


def test_every_address_can_be_filled_in():
    for route in matrix.tried_routes():
        address_of(route.name, ABSENT)


def test_routes_left_out_exist_and_are_few():
    names = {route.name for route in all_routes()}

    assert all(any(fnmatch.fnmatchcase(name, left) for name in names) for left in UNTRIED)
    assert len({name for name in names for left in UNTRIED if fnmatch.fnmatchcase(name, left)}) <= 10


def test_most_routes_of_things_are_known_to_name_things():
    """Guards the matrix against comparing a thing with itself."""
    assert sum(names_things(route.name) for route in matrix.tried_routes()) > 120


@pytest.mark.slow
def test_cells_drawn_anew_are_as_the_table_says(world):
    """One relation and one method for each route and role, another draw at each run; all of them: `bin/bench rights`."""
    seed = int(os.environ.get("RIGHTS_SEED") or random.SystemRandom().randrange(10**9))
    draw = random.Random(seed)
    by_route_and_role = {}
    for cell in matrix.cells():
        by_route_and_role.setdefault((cell.route, cell.role), []).append(cell)
    drawn = [draw.choice(cells) for cells in by_route_and_role.values()]

    faults = list(matrix.faults(matrix.Trial(world), drawn))

    assert len(drawn) > 2000
    assert faults == [], f"RIGHTS_SEED={seed} draws the same again"
