"""Every address says who may use it, the administration's too."""

import fnmatch

import pytest

from portal.config.route_registry import all_routes
from portal.ground.rights import declared
from portal.organisations import admin_gate

WORDS = {"open", "signed-in", "nobody"}
CATCHES_THE_REST = "admin/^.*/$"


def test_each_route_declares_a_right():
    silent = [route.pattern for route in all_routes() if route.right is None and route.pattern != CATCHES_THE_REST]

    assert [pattern for pattern in silent if pattern != "admin/test404/"] == []


def test_each_declared_right_exists():
    known = set(declared()) | WORDS

    assert {route.right for route in all_routes() if route.right} - known == set()


def test_routes_are_found_at_all():
    """Guards the tests above against walking nothing."""
    found = [route for route in all_routes() if route.right]

    assert len(found) >= 300
    assert len([route for route in found if route.in_administration]) >= 250


def test_what_is_said_of_the_administration_names_routes_that_exist():
    names = {route.name for route in all_routes() if route.in_administration}

    gone = [
        said for said in (*admin_gate.declared_names(),) if not any(fnmatch.fnmatchcase(name, said) for name in names)
    ]

    assert gone == []


@pytest.mark.parametrize(
    "name", ["wagtailadmin_pages:edit", "video:edit", "wagtailimages:preview", "organisations:edit"]
)
def test_a_row_named_by_an_address_is_asked_for(name):
    assert admin_gate.route_for(name).check is not None
