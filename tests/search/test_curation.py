"""What editors add to queries, and the orders of results; against each engine."""

from __future__ import annotations

import datetime as dt

import pytest

from search.query import curation
from search.query.curation import Curation, Pin, query_key
from search.service import search
from tests.search.shelf import MEMBER, VISITOR, make, uids


def law(uid, title, number, body, **values):
    return make(uid, title, body, reference_title=title, reference_path=f"art{number}", label=f"第{number}条", **values)


pytestmark = pytest.mark.django_db


@pytest.fixture
def curated(monkeypatch):
    def use(**values):
        monkeypatch.setattr(curation, "_supplier", lambda: Curation(**values))

    return use


def facet(results, key):
    return {o.value: (o.count, o.selected) for group in results.facets if group.key == key for o in group.options}


def test_other_words_are_found_and_marked_without_a_rebuild(shelf, curated):
    shelf.put(make("a", "党员组织关系转接", "转出手续"), make("b", "春季运动会", "羽毛球"))
    assert search("迁移党籍", VISITOR).total == 0

    curated(words={"迁移党籍": ("组织关系转接",)})
    results = search("迁移党籍", VISITOR)

    assert uids(results) == ["a"]
    assert "<mark>组织关系转接</mark>" in results.hits[0].title_html
    assert results.also == (("迁移党籍", "组织关系转接"),)
    assert search("“迁移党籍”", VISITOR).total == 0


def test_short_names_that_everybody_uses_find_the_full_name_and_editors_can_say_otherwise(shelf, curated):
    shelf.put(
        make("a", "中国共产党章程", "总纲"),
        make("b", "消费者权益保护法", "经营者"),
        make("c", "公司法", "取消法人资格"),
    )

    found = search("党章", VISITOR)
    assert (uids(found), found.also) == (["a"], (("党章", "中国共产党章程"),))
    assert uids(search("违反消法的后果", VISITOR))[0] == "b"
    assert search("取消法人资格", VISITOR).also == ()
    assert search("中国共产党章程", VISITOR).also == ()

    curated(words={"党章": ("章程汇编",)})
    assert search("党章", VISITOR).also == (("党章", "章程汇编"),)


def test_latin_words_are_replaced_only_whole(shelf, curated):
    shelf.put(make("a", "信息技术", "中文"))
    curated(words={"it": ("信息技术",)})

    assert uids(search("IT", VISITOR)) == ["a"]
    assert uids(search("visit", VISITOR)) == []


def test_short_name_of_editors_leads_to_the_article(shelf, curated):
    shelf.put(law("civil-5", "中华人民共和国党员教育培训规定", 5, "培训"), law("x", "党规汇编", 5, "培训"))

    curated(names={"培训规定": "中华人民共和国党员教育培训规定", "教培": "党员教育培训规定"})

    assert uids(search("教培第五条", VISITOR))[0] == "civil-5"
    assert search("教培第五条", VISITOR).reference.found


def test_pinned_document_stands_first_while_its_days_last_and_only_for_those_who_may(shelf, curated):
    shelf.put(
        make("a", "党费收缴通知", "党费收缴党费收缴"),
        make("pin", "缴费指南", "怎么交"),
        make("unit", "内部台账", "台账", tokens=frozenset({"ou:7"})),
    )
    pins = {query_key("党费 收缴"): (Pin("thing:unit"), Pin("thing:pin"), Pin("thing:a", last=dt.date(2020, 1, 1)))}
    curated(pins=pins)

    of_visitor, of_member = search("黨費收繳？", VISITOR), search("党费收缴", MEMBER)

    assert (uids(of_visitor), of_visitor.total) == (["pin", "a"], 2)
    assert [hit.is_pinned for hit in of_visitor.hits] == [True, False]
    assert uids(of_member) == ["unit", "pin", "a"]
    assert uids(search("党费收缴办法", VISITOR)) == ["a"]


def test_pinned_document_that_matches_is_counted_once(shelf, curated):
    shelf.put(*(make(f"d{n}", "党费收缴", "党费") for n in range(12)))
    curated(pins={"党费收缴": (Pin("thing:d3"),)})

    first, second = search("党费收缴", VISITOR), search("党费收缴", VISITOR, page=2)

    assert (first.total, len({*uids(first), *uids(second)})) == (12, 12)
    assert uids(first)[0] == "d3"
    assert facet(first, "type") == {"news": (12, False)}


def test_newest_first_shows_matches_only_and_stable_pages(shelf):
    days = [dt.date(2026, 3, 1), dt.date(2026, 4, 30), None, dt.date(1949, 10, 1), dt.date(2026, 4, 29)]
    shelf.put(*(make(f"d{n}", "党费收缴", "党费", published=day) for n, day in enumerate(days)))
    shelf.put(make("no", "运动会", "会费", published=dt.date(2026, 5, 1)))

    results = search("党费", VISITOR, sort="date")

    assert uids(results) == ["d1", "d4", "d0", "d3", "d2"]
    assert uids(search("党费", VISITOR, sort="date", page=2, per_page=2)) == ["d0", "d3"]


def test_results_by_document_show_the_best_row_of_each(shelf):
    shelf.put(*(law(f"civil-{n}", "民法典", n, f"党费条文{n}", group="civil") for n in range(1, 8)))
    shelf.put(
        *(law(f"tax-{n}", "税收征收管理法", n, f"党费{n}", group="tax") for n in range(1, 4)), make("a", "党费", "党费")
    )

    results = search("党费条文", VISITOR, by_document=True, per_page=2)

    assert (results.total, results.pages, len(results.hits)) == (3, 2, 2)
    everything = [*results.hits, *search("党费条文", VISITOR, by_document=True, per_page=2, page=2).hits]
    assert {hit.group: hit.more for hit in everything} == {"civil": 6, "tax": 2, "a": 0}


def test_status_is_a_facet_at_the_date_asked_for(shelf):
    shelf.put(
        make("now", "收费标准", "党费", valid_from=20200101),
        make("old", "收费标准", "党费", valid_from=20100101, valid_to=20191231),
        make("next", "收费标准", "党费", valid_from=20990101),
    )

    held = search("收费标准", VISITOR)
    both = search("收费标准", VISITOR, facets={"status": ["held", "past"]})
    future = search("收费标准", VISITOR, facets={"status": ["future", "nonsense"]})

    assert uids(held) == ["now"]
    assert facet(held, "status") == {"held": (1, True), "future": (1, False), "past": (1, False)}
    assert {hit.uid: hit.status for hit in both.hits} == {"now": "held", "old": "past"}
    assert (uids(future), future.hits[0].status) == (["next"], "future")
    assert uids(search("收费标准 时效:已失效", VISITOR)) == ["old"]
    assert uids(search("收费标准", VISITOR, as_of=dt.date(2015, 5, 1))) == ["old"]
    assert sorted(uids(search("收费标准", VISITOR, facets={"status": ["future", "past"]}))) == ["next", "old"]


def test_facet_with_several_values_counts_each(shelf):
    shelf.put(
        make("a", "党费", "党费", facets={"column": ("要闻", "党建")}),
        make("b", "党费", "党费", facets={"column": "党建"}),
    )

    results = search("党费", VISITOR)

    assert facet(results, "column") == {"党建": (2, False), "要闻": (1, False)}
    assert uids(search("党费", VISITOR, facets={"column": ["要闻"]})) == ["a"]
