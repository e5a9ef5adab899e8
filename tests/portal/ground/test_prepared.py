"""Statements that are compiled once and filled in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.ground.models import ContentGeneration
from portal.ground.prepared import NotFilledIn, Prepared
from portal.ground.suppliers import ANONYMOUS, Viewer
from portal.organisations.models import Organisation, subtree_filter
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


def test_signed_in_readers_with_as_many_tokens_share_a_statement_and_each_sees_by_the_own_ones():
    seen = []

    @Prepared
    def mine(viewer, *, kind):
        seen.append(len(viewer.tokens))
        return Organisation.objects.filter(code__in=sorted(viewer.tokens), kind=kind).order_by("code")

    committee = make_committee()
    one, two, three = (make_branch(committee) for _ in range(3))

    def rows(*branches):
        return mine.rows(Viewer(frozenset({"member", *(row.code for row in branches)}), 1), kind="branch")

    assert rows(one) == [one]
    assert rows(two) == [two]
    assert sorted(row.code for row in rows(three, two)) == sorted([two.code, three.code])
    assert rows() == []
    assert seen == [2, 3, 1]


def test_clearance_is_part_of_the_statement():
    secret = Prepared(lambda viewer: Organisation.objects.filter(depth__lte=viewer.clearance, depth__gte=1))
    make_branch(make_committee())
    tokens = frozenset({"member"})

    assert {len(secret.rows(Viewer(tokens, level))) > 0 for level in (1, 2)} == {True}
    assert secret.rows(Viewer(tokens, 0)) == []


def test_query_that_looks_for_a_certain_token_is_built_for_each_reader():
    @Prepared
    def mine(viewer, *, kind):
        rows = Organisation.objects.filter(kind=kind)
        return rows if "member" in viewer.tokens else rows.none()

    branch = make_branch(make_committee())

    assert mine.rows(Viewer(frozenset({"a"}), 0), kind="branch") == []
    assert branch in mine.rows(Viewer(frozenset({"member"}), 0), kind="branch")


def test_end_of_a_range_of_paths_is_filled_in():
    below = Prepared(lambda viewer, *, path: Organisation.objects.filter(subtree_filter(path)).order_by("path"))
    first, second = make_committee(), make_committee()
    branch = make_branch(second)

    assert below.rows(ANONYMOUS, path=first.path) == [first]
    assert below.rows(ANONYMOUS, path=second.path) == [second, branch]


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
