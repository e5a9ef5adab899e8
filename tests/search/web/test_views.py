from __future__ import annotations

import pytest

from portal.ground import suppliers
from tests.search.shelf import MEMBER, make
from tests.search.test_conformance import HOSTILE, law

pytestmark = pytest.mark.django_db


def test_results_without_a_query_says_how_to_search(client, shelf):
    response = client.get("/search/")

    assert response.status_code == 200
    assert "民法典第五十四条" in response.content.decode()
    assert "<mark>" not in response.content.decode()


def test_results_show_title_label_passage_and_facets(client, shelf):
    shelf.put(
        law(
            "civil-54",
            "中华人民共和国民法典",
            54,
            "自然人从事工商业经营，经依法登记，为个体工商户。",
            url="/r/civil/54",
        ),
        make("n", "个体工商户座谈会", "参加的个体工商户谈了体会。"),
    )

    html = client.get("/search/", {"q": "民法典第五十四条"}).content.decode()

    assert "已按条文查找：民法典 第五十四条" in html
    assert (
        '<a href="/r/civil/54" data-hit="0">中华人民共和国<mark>民法典</mark> <span class="search-label">第五十四条</span></a>'
        in html
    )
    assert "<span>条文</span>" in html
    assert "?q=%E6%B0%91%E6%B3%95%E5%85%B8%E7%AC%AC%E4%BA%94%E5%8D%81%E5%9B%9B%E6%9D%A1&amp;type=article" in html


def test_results_nothing_found_offers_the_next_step(client, shelf):
    shelf.put(make("a", "党费", "党费"))

    nothing = client.get("/search/", {"q": "羽毛球"}).content.decode()
    narrowed = client.get("/search/", {"q": "党费", "type": "course"}).content.decode()

    assert "没有找到相符的内容" in nothing
    assert "取消全部筛选" in narrowed
    assert 'href="?q=%E5%85%9A%E8%B4%B9"' in narrowed


def test_results_page_links_keep_query_and_filter(client, shelf):
    shelf.put(*(make(f"d{number}", f"党费通知{number}", "党费") for number in range(25)))

    html = client.get("/search/", {"q": "党费", "type": "news", "page": "2"}).content.decode()

    assert html.count('<article class="list-row">') == 10
    assert 'aria-current="page">2</span>' in html
    assert "type=news&amp;page=3" in html


def test_results_say_above_the_list_what_is_chosen_and_count_documents_and_places(client, shelf):
    shelf.put(
        make("a1", "党费", "一", group="a"), make("a2", "党费", "二", group="a"), make("b", "党费", "三", type="course")
    )

    chosen = client.get("/search/", {"q": "党费", "type": ["news", "course"]}).content.decode()
    grouped = client.get("/search/", {"q": "党费", "by": "document"}).content.decode()

    above = chosen.split('<ul class="search-chosen"')[1].split('<ol class="rows"')[0]
    assert ('href="?q=%E5%85%9A%E8%B4%B9&amp;type=course"' in above, "类型：新闻" in above) == (True, True)
    assert 'id="search-facets"' in chosen
    assert "search-chosen" not in grouped
    assert "找到 2 份文件，共 3 处相符" in grouped


def test_results_at_a_date_and_with_a_bad_date(client, shelf):
    shelf.put(make("old", "旧办法", "收费标准", valid_to=20191231))

    assert "旧办法" in client.get("/search/", {"q": "收费标准", "on": "2019-05-01"}).content.decode()
    bad = client.get("/search/", {"q": "收费标准", "on": "2019-13-99"}).content.decode()
    assert "日期没有看懂" in bad
    assert "旧办法" not in bad


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_results_when_the_engine_is_away_come_from_titles_with_a_notice(client, shelf, settings, tmp_path):
    shelf.put(make("a", "党费收缴办法", "正文"), make("in", "支部党费台账", "正文", tokens=frozenset({"ou:7"})))
    settings.SEARCH_INDEX_DIR = tmp_path / "nowhere"

    html = client.get("/search/", {"q": "党费"}).content.decode()
    nothing = client.get("/search/", {"q": "运动会"}).content.decode()

    assert "目前只能按标题和摘要查找" in html
    assert "收缴办法" in html
    assert "台账" not in html
    assert "搜索暂时不可用" in nothing
    assert "再试一次" in nothing
    assert client.get("/search/suggest/", {"q": "党"}).status_code == 200


@pytest.mark.parametrize("query", HOSTILE)
def test_results_hostile_input_is_a_page(client, shelf, query):
    shelf.put(make("a", "党费", "党费"))
    sent = query.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    for parameters in (
        {"q": sent},
        {"q": "党费", "page": sent, "type": sent, "f.level": sent, "on": sent[:50]},
        {"q": "党费", "page": "99999999999"},
    ):
        assert client.get("/search/", parameters).status_code == 200
        assert client.get("/search/suggest/", parameters).status_code == 200


def test_results_are_never_kept_by_shared_caches(client, shelf):
    shelf.put(make("a", "党费", "党费"))

    assert "private" in client.get("/search/", {"q": "党费"})["Cache-Control"]


def test_results_are_those_of_the_reader(client, shelf, django_user_model, monkeypatch):
    shelf.put(make("open", "党费公告", "党费"), make("unit", "党费台账", "党费", tokens=frozenset({"ou:7"})))
    monkeypatch.setattr(suppliers, "_viewer_of", lambda user: MEMBER)
    person = django_user_model.objects.create(username="p")

    before = client.get("/search/", {"q": "党费"}).content.decode()
    client.force_login(person)
    after = client.get("/search/", {"q": "党费"}).content.decode()

    assert ("党费</mark>公告" in before, "党费</mark>台账" in before) == (True, False)
    assert ("党费</mark>公告" in after, "党费</mark>台账" in after) == (True, True)


def test_results_of_a_kind_that_is_switched_off_are_gone(client, shelf, monkeypatch):
    shelf.put(make("a", "党费公告", "党费"))
    monkeypatch.setattr(suppliers, "_inactive_kinds", lambda site: frozenset({"thing"}))

    assert "没有找到相符的内容" in client.get("/search/", {"q": "党费"}).content.decode()
    assert client.get("/search/suggest/", {"q": "党费"}).content.decode().strip() == ""


def test_results_queries_do_not_grow_with_the_hits(client, shelf):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for total in (1, 3):
        shelf.put(*(make(f"d{number}", "党费", "党费") for number in range(total)))
        client.get("/search/", {"q": "党费"})
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/", {"q": "党费"})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_suggestions_ask_the_database_for_nothing_but_the_generation(client, shelf, django_assert_num_queries):
    shelf.put(*(make(f"d{number}", f"党费{number}", "党费") for number in range(3)))
    client.get("/search/suggest/", {"q": "党费"})

    with django_assert_num_queries(1):
        assert client.get("/search/suggest/", {"q": "党费"}).content.decode().count("<li") == 3


def test_suggestions_as_links_and_as_json(client, shelf):
    shelf.put(make("a", "个体工商户条例 <b>", url="/r/a"))

    html = client.get("/search/suggest/", {"q": "gtgs"}).content.decode()
    data = client.get("/search/suggest/", {"q": "gtgs", "format": "json"}).json()

    assert 'aria-selected="false" data-url="/r/a"><span>个体工商户条例 &lt;b&gt;</span>' in html
    assert data == {
        "suggestions": [{"title": "个体工商户条例 <b>", "url": "/r/a", "type": "news", "type_label": "新闻"}]
    }


def test_views_refuse_to_be_posted_to(client, shelf):
    assert client.post("/search/").status_code == 405
    assert client.post("/search/suggest/").status_code == 405


def test_views_declare_that_they_are_open():
    from search.web import views

    assert views.results.required_right == views.suggestions.required_right == "open"
