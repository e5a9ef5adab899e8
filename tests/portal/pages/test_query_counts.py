"""How many questions a page asks the database: the same for one item and for three, and within the budget."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.ground.generation import raise_generation
from portal.pages.domain.pictures import make_pictures
from portal.pages.web import page_cache
from tests.factories import make_branch, make_committee, make_member, make_staff
from tests.factories.pages import make_article, make_column, make_picture, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ANONYMOUS_BUDGET = 12
SIGNED_IN_BUDGET = 20
ADMIN_LISTING_BUDGET = 40


def _fill(count, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    home = make_site()
    image = make_picture()
    columns = [make_column(home, f"栏目{number}") for number in range(count)]
    articles = []
    for column in columns:
        for number in range(count * 2):
            articles.append(make_article(column, f"第{number}篇", cover=image))
            articles[-1].body = [
                ("paragraph", "<p>正文</p>"),
                *([("picture", {"image": image, "alt": "", "caption": "图"})] * count),
                ("quote", {"text": "引文", "source": ""}),
            ]
            articles[-1].save()
            make_pictures(str(articles[-1].uid))
    return columns[0], articles[0]


def _miss(client, address):
    """Questions asked by a warm process for a page that a change has just driven out of the cache."""
    client.get(address)
    raise_generation()
    page_cache.store.clear()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    # A guard sets a savepoint only inside a transaction, which a test always is and a request never.
    return [query["sql"][:160] for query in captured if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize("page", ["home", "column", "article", "branches"])
def test_anonymous_miss_is_within_budget_and_does_not_grow(client, settings, tmp_path, page):
    counts = []
    for size in (1, 3):
        column, article = _fill(size, settings, tmp_path)
        address = {"home": "/", "column": column.url, "article": article.url, "branches": "/branches/"}[page]
        counts.append(_miss(client, address))

    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[1]) <= ANONYMOUS_BUDGET, "\n".join(counts[1])


@pytest.mark.parametrize("page", ["home", "column", "article"])
def test_signed_in_page_is_within_budget_and_does_not_grow(settings, tmp_path, page):
    counts = []
    reader = Client()
    reader.force_login(make_member().user)
    for size in (1, 3):
        column, article = _fill(size, settings, tmp_path)
        address = {"home": "/", "column": column.url, "article": article.url}[page]
        counts.append(_miss(reader, address))

    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[1]) <= SIGNED_IN_BUDGET, "\n".join(counts[1])


def test_admin_listing_is_within_budget_and_does_not_grow(settings, tmp_path):
    committee = make_committee()
    make_site(committee)
    editor = Client()
    editor.force_login(make_staff("editor", committee))
    counts = []
    for size in (1, 3):
        column, _ = _fill(size, settings, tmp_path)
        counts.append(_miss(editor, f"/admin/pages/{column.pk}/"))

    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[1]) <= ADMIN_LISTING_BUDGET, "\n".join(counts[1])


def test_admin_listing_of_many_owners_asks_for_them_at_once():
    committee = make_committee()
    home = make_site(committee)
    editor = Client()
    editor.force_login(make_staff("editor", committee))
    counts = []
    for size in (1, 3):
        column = make_column(home, f"{size} 个单位供稿", owner_organisation=committee)
        for number in range(size):
            make_article(column, f"第{number}篇", owner_organisation=make_branch(committee, f"{size}-{number} 支部"))
        counts.append(_miss(editor, f"/admin/pages/{column.pk}/"))

    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[1]) <= ADMIN_LISTING_BUDGET, "\n".join(counts[1])
