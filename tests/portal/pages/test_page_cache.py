"""Whole pages for readers without a session: fast, and never older than the last change."""

import datetime as dt

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.ground.generation import current_generation
from portal.organisations.domain.audiences import members_audience
from portal.pages.models import ColumnPage
from portal.pages.web import page_cache
from tests.factories import make_member, make_user
from tests.factories.pages import make_article, make_column, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def _queries(client, address, **headers):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, **headers)
    return response, len(captured)


def test_second_anonymous_request_costs_one_query_and_has_the_same_bytes(client):
    article = make_article(make_column())
    first = client.get(article.url)

    second, queries = _queries(client, article.url)

    assert queries == 1
    assert second.content == first.content
    assert dict(second.items()) == dict(first.items())


def test_publishing_shows_in_the_next_anonymous_request(client):
    column = make_column()
    assert "新的一篇" not in client.get(column.url).content.decode()

    make_article(column, "新的一篇")

    assert "新的一篇" in client.get(column.url).content.decode()


def test_page_made_internal_answers_404_at_once(client):
    article = make_article(make_column())
    assert client.get(article.url).status_code == 200

    article.audience = members_audience()
    article.save()

    gone = client.get(article.url)
    absent = client.get("/a/2222aaaa/x/")
    assert gone.status_code == absent.status_code == 404
    assert gone.content == absent.content


def test_unpublished_page_answers_404_at_once(client):
    article = make_article(make_column())
    client.get(article.url)

    article.unpublish()

    assert client.get(article.url).status_code == 404


def test_signed_in_reader_is_not_served_from_the_cache_and_leaves_nothing_in_it(client):
    article = make_article(make_column())
    member = make_member(user=make_user(display_name="林晓光"))
    signed_in = Client()
    signed_in.force_login(member.user)

    own = signed_in.get(article.url)
    anonymous = client.get(article.url)

    assert "林晓光" in own.content.decode()
    assert own.headers.get("ETag") is None
    assert "林晓光" not in anonymous.content.decode()
    assert "林晓光" in signed_in.get(article.url).content.decode()


def test_known_etag_answers_304_without_a_body(client):
    article = make_article(make_column())
    etag = client.get(article.url)["ETag"]

    hit = client.get(article.url, headers={"If-None-Match": etag})
    page_cache.store.clear()
    miss = client.get(article.url, headers={"If-None-Match": etag})

    assert (hit.status_code, hit.content, hit["ETag"]) == (304, b"", etag)
    assert (miss.status_code, miss.content) == (304, b"")


def test_changed_page_answers_a_known_etag_in_full(client):
    column = make_column()
    etag = client.get(column.url)["ETag"]

    make_article(column, "又一篇")
    response = client.get(column.url, headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert response["ETag"] != etag


def test_head_request_from_the_cache_has_the_length_and_no_body(client):
    article = make_article(make_column())
    length = client.get(article.url)["Content-Length"]

    response = client.head(article.url)

    assert response["Content-Length"] == length
    assert response.content == b""


def test_browser_must_ask_again_before_each_use(client):
    response = client.get(make_article(make_column()).url)

    assert response["Cache-Control"] == "no-cache"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("query", ["?q=a", "?page=x", "?page=1&x=2", "?year=2026", "?page=0", "?page=123456"])
def test_queries_other_than_a_page_number_are_not_kept(client, query):
    column = make_column()

    client.get(column.url + query)

    assert page_cache.store._entries == {}


def test_page_numbers_are_kept_apart(client):
    column = make_column()
    for number in range(21):
        make_article(column, f"第{number}篇")

    first, second = client.get(column.url).content, client.get(f"{column.url}?page=2").content

    assert first != second
    assert client.get(f"{column.url}?page=2").content == second
    assert len(page_cache.store._entries) == 2


def test_sign_in_form_is_never_kept(client):
    make_site()

    response = client.get("/account/login/")

    assert response.status_code == 200
    assert page_cache.store._entries == {}


def test_absent_pages_and_private_answers_are_not_kept(client):
    make_site()

    client.get("/a/2222aaaa/x/")
    client.get("/workbench/")
    client.get("/styleguide/")
    client.get("/robots.txt")

    assert page_cache.store._entries == {}


def test_languages_are_kept_apart(client):
    address = make_article(make_column()).url

    chinese, english = client.get(address), client.get(f"/en{address}")

    assert 'lang="zh-hans"' in chinese.content.decode()
    assert 'lang="en"' in english.content.decode()
    assert client.get(address).content == chinese.content


def test_unknown_host_is_refused_and_not_kept(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    make_site()

    response = client.get("/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert page_cache.store._entries == {}


def test_entry_made_from_an_older_generation_is_not_served(client):
    article = make_article(make_column())
    key = ("testserver", "http", article.url, "")
    stale = page_cache.Entry(current_generation() - 1, float("inf"), '"x"', {}, "旧".encode())
    page_cache.store.put(key, stale)

    assert client.get(article.url).content != "旧".encode()


def test_lifetime_ends_with_the_next_expiry():
    column = make_column()
    moment = timezone.now().replace(hour=4, minute=0)
    ColumnPage.objects.filter(pk=column.pk).update(expire_at=moment + dt.timedelta(seconds=40))

    assert page_cache.lifetime_seconds(moment, 1) == pytest.approx(40)


def test_lifetime_ends_with_the_next_scheduled_publication():
    column = make_column()
    moment = timezone.now().replace(hour=4, minute=0)
    ColumnPage.objects.filter(pk=column.pk).update(go_live_at=moment + dt.timedelta(seconds=70), live=False)

    assert page_cache.lifetime_seconds(moment, 1) == pytest.approx(70)


def test_lifetime_ends_at_midnight_in_shanghai():
    moment = dt.datetime(2026, 11, 21, 15, 59, 30, tzinfo=dt.UTC)

    assert page_cache.lifetime_seconds(moment, 1) == 30


def test_lifetime_is_five_minutes_at_most():
    moment = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)

    assert page_cache.lifetime_seconds(moment, 1) == page_cache.LIFETIME_SECONDS


def test_store_drops_the_oldest_when_full():
    small = page_cache.PageStore(max_bytes=250)
    for number in range(3):
        small.put(("h", "http", f"/{number}", ""), page_cache.Entry(1, float("inf"), "", {}, b"x" * 100))

    kept = [number for number in range(3) if small.get(("h", "http", f"/{number}", ""), 1)]

    assert kept == [1, 2]


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/play/token/720p/0.ts", 0),
        ("/media/images/a.webp", 0),
        ("/static/css/base.css", 0),
        ("/files/1/a.pdf", 0),
        ("/", 1),
    ],
)
def test_only_what_may_be_a_page_asks_for_the_generation(address, queries, django_assert_num_queries):
    answer = page_cache.AnonymousPageCache(lambda request: HttpResponse("a piece", content_type="text/plain"))

    with django_assert_num_queries(queries):
        answer(RequestFactory().get(address))


def test_change_of_a_site_ends_every_cached_page():
    site = make_site().sites_rooted_here.get()
    before = current_generation()

    site.hostname = "dang.example"
    site.save()

    assert current_generation() > before
