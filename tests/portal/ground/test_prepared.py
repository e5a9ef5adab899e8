"""Statements that are compiled once and filled in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.ground.models import ContentGeneration
from portal.ground.prepared import NotFilledIn, Prepared
from portal.ground.suppliers import ANONYMOUS, Viewer
from portal.organisations.models import Organisation
from tests.factories import make_branch, make_committee

pytestmark = pytest.mark.django_db


def test_statement_is_built_once_and_filled_in_each_time():
    built = []

    @Prepared
    def below(viewer, kinds, *, path):
        built.append(kinds)
        return Organisation.objects.filter(kind__in=kinds, path__startswith=path).order_by("path")

    committee = make_committee()
    branches = [make_branch(committee), make_branch(committee)]
    kinds = ("branch",)

    assert below.rows(ANONYMOUS, kinds, path=committee.path) == branches
    assert below.rows(ANONYMOUS, kinds, path=branches[1].path) == [branches[1]]
    assert below.rows(ANONYMOUS, ("committee",), path=committee.path) == [committee]
    assert built == [kinds, ("committee",)]


def test_signed_in_reader_gets_the_plain_query_set():
    seen = []

    @Prepared
    def mine(viewer, *, pk):
        seen.append(viewer)
        return Organisation.objects.filter(pk=pk)

    committee, viewer = make_committee(), Viewer(frozenset({"public", "member"}), 1)

    assert mine.rows(viewer, pk=committee.pk) == mine.rows(viewer, pk=committee.pk) == [committee]
    assert seen == [viewer, viewer]


def test_joined_models_and_dictionaries_come_as_from_the_query_set():
    committee = make_committee()
    branch = make_branch(committee)
    names = Prepared(lambda viewer, *, pk: Organisation.objects.filter(pk=pk).values("pk", "founded_on", "name"))
    flat = Prepared(lambda viewer, *, pk: Organisation.objects.filter(pk=pk).values_list("uid", flat=True))

    assert names.rows(ANONYMOUS, pk=branch.pk) == [
        {"pk": branch.pk, "founded_on": branch.founded_on, "name": branch.name}
    ]
    assert flat.first(ANONYMOUS, pk=branch.pk) == branch.uid
    with CaptureQueriesContext(connection) as captured:
        assert flat.first(ANONYMOUS, pk=0) is None
    assert len(captured) == 1


def test_value_in_a_like_is_taken_literally():
    make_committee()
    begins = Prepared(lambda viewer, *, name: Organisation.objects.filter(name__startswith=name))

    assert begins.rows(ANONYMOUS, name="绝无此名") == []  # compiles the statement
    assert begins.rows(ANONYMOUS, name="%") == []
    assert begins.rows(ANONYMOUS, name="_") == []


def test_nothing_that_can_match_is_no_query(django_assert_num_queries):
    none = Prepared(lambda viewer, kinds: Organisation.objects.filter(kind__in=kinds))

    with django_assert_num_queries(0):
        assert none.rows(ANONYMOUS, ()) == []


def test_query_that_works_on_a_value_is_refused():
    shouting = Prepared(lambda viewer, *, name: Organisation.objects.filter(name=name.upper() + "!"))
    forgetting = Prepared(lambda viewer, *, number: ContentGeneration.objects.all())

    with pytest.raises(NotFilledIn):
        shouting.rows(ANONYMOUS, name="a")
    with pytest.raises(NotFilledIn):
        forgetting.rows(ANONYMOUS, number=1)
