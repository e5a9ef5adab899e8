"""The list of a column: totals that are kept while nothing changes, and two ways to the same rows."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.organisations.domain.audiences import members_audience, organisation_audience
from portal.pages.domain import listing
from portal.pages.domain.listing import listing_of
from tests.factories import make_branch, make_committee, make_member
from tests.factories.pages import make_article, make_column, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def column():
    return make_column(make_site(), "要闻")


def _titles(column, user, **wanted):
    return [row.title for row in listing_of(column, user, **wanted).rows]


@pytest.mark.parametrize("large", [1, 10_000])
def test_large_and_small_columns_show_the_same_rows_to_each_reader(column, monkeypatch, large):
    monkeypatch.setattr(listing, "LARGE", large)
    other = make_column(column.get_parent(), "别处")
    committee = make_committee()
    home, foreign = make_branch(committee), make_branch(committee)
    for number, audience in enumerate((None, members_audience(), organisation_audience(home))):
        page = make_article(column, f"第{number}篇", display_date=dt.date(2025 + number % 2, 1, 1 + number))
        if audience is not None:
            page.audience = audience
            page.save()
    make_article(other, "别处的")
    native, stranger = make_member(home).user, make_member(foreign).user

    assert _titles(column, native) == ["第1篇", "第2篇", "第0篇"]
    assert _titles(column, stranger) == ["第1篇", "第0篇"]
    assert _titles(column, native, year="2025") == ["第2篇", "第0篇"]


def test_total_is_counted_once_and_again_after_something_was_published(column):
    reader = make_member().user
    make_article(column, "一")
    listing_of(column, reader)

    with CaptureQueriesContext(connection) as captured:
        assert listing_of(column, reader).page.paginator.count == 1
    assert not any("GROUP BY" in query["sql"] for query in captured)

    make_article(column, "二")
    assert listing_of(column, reader).page.paginator.count == 2
