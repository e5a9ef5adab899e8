"""What every engine must do; run against each."""

from __future__ import annotations

import datetime as dt

import pytest

from search.contracts import PAGING_LIMIT, SearchUnavailable
from search.indexing import rebuild
from search.service import search, suggest
from tests.search.shelf import CLEARED, MEMBER, OTHER_MEMBER, VISITOR, make, uids


def test_search_before_any_index_is_unavailable(shelf):
    with pytest.raises(SearchUnavailable):
        search("党费", VISITOR)


def test_search_chinese_word_inside_a_run_finds_it(shelf):
    shelf.put(make("a", "关于党费收缴的通知", "各支部按月收缴党费。"), make("b", "春季运动会", "羽毛球比赛。"))

    results = search("党费收缴", VISITOR)

    assert uids(results) == ["a"]
    assert (results.total, results.total_is_capped) == (1, False)
    assert results.hits[0].title_html == "关于<mark>党费收缴</mark>的通知"
    assert results.hits[0].snippet == "各支部按月<mark>收缴党费</mark>。"
    assert results.hits[0].type_label == "新闻"
    assert results.hits[0].date == dt.date(2026, 3, 1)


@pytest.mark.parametrize("query", ["黨費", "党費收繳", "\uff21\uff22\uff2312", "abc12"])
def test_search_folded_forms_match(shelf, query):
    shelf.put(make("a", "党费收缴", "编号 abc12。"), make("b", "别的", "没有。"))

    assert uids(search(query, VISITOR)) == ["a"]


def test_search_single_character_finds_it(shelf):
    shelf.put(make("a", "廉", "正文"), make("b", "党", "正文"))

    assert uids(search("廉", VISITOR)) == ["a"]


def test_search_quoted_phrase_wants_the_words_in_order(shelf):
    shelf.put(
        make("a", "甲", "主题党日活动方案"), make("b", "乙", "党日的主题，活动另定"), make("c", "丙", "主题 党日")
    )

    assert sorted(uids(search("“主题党日”", VISITOR))) == ["a", "c"]
    assert sorted(uids(search("主题党日", VISITOR))) == ["a", "b", "c"]


def test_search_quotes_that_only_stress_a_word_do_not_empty_the_page(shelf):
    shelf.put(make("a", "甲", "商标注册的条件"), make("b", "乙", "网络用语"))

    assert uids(search("“热词”能注册商标吗", VISITOR)) == ["a"]
    assert uids(search("“热词商标”", VISITOR)) == []


def test_search_when_nothing_holds_enough_words_any_of_them_counts(shelf):
    shelf.put(make("a", "甲", "商标"))

    assert uids(search("商标羽毛球比赛规则", VISITOR)) == ["a"]


def test_search_phrase_across_letters_and_han_matches(shelf):
    shelf.put(make("a", "甲", "适用第5条规定"), make("b", "乙", "第条5规定"))

    assert uids(search('"第5条"', VISITOR)) == ["a"]


def test_search_context_is_searched_but_not_shown(shelf):
    shelf.put(make("a", "第一讲", "正文。", context="民主评议党员"))

    (hit,) = search("民主评议", VISITOR).hits

    assert hit.uid == "a"
    assert "评议" not in hit.title_html + hit.snippet


def test_search_authority_multiplies_the_score(shelf):
    shelf.put(make("low", "甲", "安全生产责任"), make("high", "乙", "安全生产责任", authority=1.5))

    assert uids(search("安全生产", VISITOR)) == ["high", "low"]


def test_search_equal_scores_have_one_order_over_pages(shelf):
    shelf.put(*(make(f"d{number:03}", "通知", "安全生产") for number in range(45)))

    pages = [uids(search("安全生产", VISITOR, page=page)) for page in (1, 2, 3, 4, 5)]

    assert [len(page) for page in pages] == [10, 10, 10, 10, 5]
    assert len({uid for page in pages for uid in page}) == 45
    assert pages == [uids(search("安全生产", VISITOR, page=page)) for page in (1, 2, 3, 4, 5)]


def test_search_page_behind_the_last_gives_the_last(shelf):
    shelf.put(*(make(f"d{number:03}", "通知", "安全生产") for number in range(12)))

    results = search("安全生产", VISITOR, page=77)

    assert (results.page, results.pages, len(results.hits)) == (2, 2, 2)


@pytest.mark.slow
def test_search_more_than_the_limit_is_capped(shelf):
    shelf.put(
        *(make(f"d{number:04}", "通知", "安全生产", group=f"g{number % 7}") for number in range(PAGING_LIMIT + 30))
    )

    results = search("安全生产", VISITOR, page=10_000)

    assert (results.total, results.total_is_capped, results.page) == (PAGING_LIMIT, True, 100)
    assert len(results.hits) == 10


def test_search_totals_count_only_rows_with_a_pair_of_the_query(shelf):
    shelf.put(make("a", "甲", "三会一课制度"), make("b", "乙", "一，三，会，课"))

    results = search("三会一课", VISITOR)

    assert (uids(results), results.total) == (["a"], 1)


def test_search_types_and_facets_narrow_down_and_count_their_alternatives(shelf):
    shelf.put(
        make("a", "党费一", "党费", type="news", facets={"column": "要闻"}),
        make("b", "党费二", "党费", type="news", facets={"column": "通知"}),
        make("c", "党费三", "党费", type="course", facets={"level": "规定"}),
    )

    everything = search("党费", VISITOR)
    only_news = search("党费", VISITOR, types=["news"], facets={"column": ["要闻"]})

    groups = {group.key: {option.value: option.count for option in group.options} for group in everything.facets}
    assert groups == {
        "type": {"news": 2, "course": 1},
        "column": {"要闻": 1, "通知": 1},
        "level": {"规定": 1},
    }
    assert (uids(only_news), only_news.total) == (["a"], 1)
    narrowed = {group.key: [(o.value, o.count, o.selected) for o in group.options] for group in only_news.facets}
    assert narrowed["column"] == [("要闻", 1, True), ("通知", 1, False)]
    assert narrowed["type"] == [("news", 1, True)]


def test_search_type_labels_follow_the_language(shelf):
    from django.utils.translation import override

    shelf.put(make("a", "党费", "党费", type="course"))

    with override("en"):
        results = search("党费", VISITOR)

    assert results.hits[0].type_label == "Course"


def test_search_validity_is_today_by_default_and_any_date_on_request(shelf):
    shelf.put(
        make("old", "条例", "旧的收费标准", group="law", valid_from=20100101, valid_to=20191231),
        make("new", "条例", "新的收费标准", group="law", valid_from=20200101),
    )

    assert uids(search("收费标准", VISITOR)) == ["new"]
    assert uids(search("收费标准", VISITOR, as_of=dt.date(2019, 12, 31))) == ["old"]
    assert uids(search("收费标准", VISITOR, as_of=dt.date(2020, 1, 1))) == ["new"]
    assert uids(search("收费标准", VISITOR, as_of=dt.date(2009, 12, 31))) == []


def test_search_inactive_kind_is_gone_everywhere(shelf):
    shelf.put(make("a", "党费收缴", "党费", facets={"column": "要闻"}))

    results = search("党费", VISITOR, inactive=frozenset({"thing"}))

    assert (results.hits, results.total, results.facets) == ((), 0, ())
    assert suggest("党费", VISITOR, inactive=frozenset({"thing"})) == ()
    assert uids(search("党费", VISITOR, inactive=frozenset({"other"}))) == ["a"]


def test_search_audience_and_secrecy_decide_who_finds_what(shelf):
    shelf.put(
        make("open", "党费公告", "党费"),
        make("unit", "党费台账", "党费", tokens=frozenset({"ou:7"})),
        make("secret", "党费密件", "党费", tokens=frozenset({"ou:7"}), secrecy=2),
    )

    assert sorted(uids(search("党费", VISITOR))) == ["open"]
    assert sorted(uids(search("党费", OTHER_MEMBER))) == ["open"]
    assert sorted(uids(search("党费", MEMBER))) == ["open", "unit"]
    assert sorted(uids(search("党费", CLEARED))) == ["open", "secret", "unit"]


def law(uid: str, title: str, number: int, body: str, **values):
    numbers = {1: "一", 53: "五十三", 54: "五十四", 55: "五十五"}
    return make(
        uid,
        title,
        body,
        type="article",
        reference_title=title,
        reference_path=f"art{number}",
        label=f"第{numbers[number]}条",
        **values,
    )


@pytest.fixture
def laws(shelf):
    shelf.put(
        law("civil-53", "中华人民共和国民法典", 53, "被撤销死亡宣告的人有权请求返还财产。", group="civil"),
        law("civil-54", "中华人民共和国民法典", 54, "自然人从事工商业经营，经依法登记，为个体工商户。", group="civil"),
        law("civil-55", "中华人民共和国民法典", 55, "农村集体经济组织的成员，为农村承包经营户。", group="civil"),
        law("criminal-54", "中华人民共和国刑法", 54, "剥夺政治权利是剥夺下列权利。", group="criminal"),
        law("procedure-54", "中华人民共和国民事诉讼法", 54, "原告可以放弃或者变更诉讼请求。", group="procedure"),
        make("news", "学习民法典第五十四条", "民法典第五十四条讲个体工商户。民法典第五十四条。"),
    )
    return shelf


@pytest.mark.parametrize(
    "query",
    [
        "民法典第五十四条",
        "民法典第54条",
        "民法典54条",
        "《中华人民共和国民法典》第五十四条",
        "请问民法典第五十四条",
        "第五十四条 民法典",
    ],
)
def test_search_reference_puts_the_article_first(laws, query):
    results = search(query, VISITOR)

    assert results.hits[0].uid == "civil-54"
    assert (results.hits[0].label, results.hits[0].is_reference) == ("第五十四条", True)
    assert results.reference is not None
    assert (results.reference.path, results.reference.found) == ("art54", True)
    assert uids(results).count("civil-54") == 1
    assert "news" in uids(results)


def test_search_reference_by_a_short_name_finds_the_law(laws):
    assert search("民诉法第五十四条", VISITOR).hits[0].uid == "procedure-54"


def test_search_reference_pages_never_repeat_a_row(laws):
    whole = uids(search("民法典第五十四条", VISITOR, per_page=50))

    paged = [
        uid
        for page in range(1, len(whole) + 1)
        for uid in uids(search("民法典第五十四条", VISITOR, page=page, per_page=1))
    ]

    assert paged == whole


def test_search_reference_to_a_missing_article_says_so_and_still_searches(laws):
    results = search("民法典第九百条", VISITOR)

    assert results.reference is not None
    assert not results.reference.found
    assert results.total > 0


def test_search_reference_to_a_hidden_article_looks_like_a_missing_one(shelf):
    shelf.put(law("a", "内部规定", 54, "内部事项", tokens=frozenset({"ou:7"}), secrecy=2))

    hidden, missing = search("内部规定第五十四条", VISITOR), search("内部规定第五十三条", VISITOR)

    assert (hidden.hits, hidden.total, hidden.facets) == (missing.hits, missing.total, missing.facets) == ((), 0, ())
    assert hidden.reference is not None
    assert not hidden.reference.found


@pytest.mark.parametrize(
    "typed", ["个体", "个体工", "工商", "gtgsh", "getigong", "getigongshanghu", "\uff27\uff34", "《个体", "tiaoli"]
)
def test_suggest_by_characters_initials_and_pinyin(shelf, typed):
    shelf.put(make("a", "个体工商户条例", url="/r/a"), make("b", "春季运动会"))

    assert [suggestion.title for suggestion in suggest(typed, VISITOR)] == ["个体工商户条例"]


def test_suggest_beginning_of_the_title_outranks_its_middle(shelf):
    shelf.put(
        make("a", "关于安全生产的通知", authority=3.0),
        make("b", "安全生产法"),
        make("c", "中华人民共和国安全生产法", authority=1.5),
    )

    assert [s.title for s in suggest("安全", VISITOR)] == [
        "中华人民共和国安全生产法",
        "安全生产法",
        "关于安全生产的通知",
    ]


def test_suggest_title_of_a_work_leads_to_the_work_not_to_one_of_its_pieces(shelf):
    shelf.put(make("a1", "检修作业法", url="/r/x/1", work_url="/r/x", reference_path="art1"))

    assert [(s.title, s.url) for s in suggest("检修", VISITOR)] == [("检修作业法", "/r/x")]


def test_suggest_title_shared_by_many_rows_comes_once(laws):
    assert [s.title for s in suggest("minfa", VISITOR)] == ["中华人民共和国民法典", "学习民法典第五十四条"]


def test_change_replaces_all_rows_of_its_group(shelf):
    shelf.put(
        make("x1", "旧文一", "党费", group="x"), make("x2", "旧文二", "党费", group="x"), make("y", "别文", "党费")
    )

    shelf.put(make("x2", "新文二", "党费", group="x"), make("x3", "新文三", "党费", group="x"))

    assert sorted(hit.title for hit in search("党费", VISITOR).hits) == ["别文", "新文三", "新文二"]


def test_removed_group_is_gone_from_hits_and_suggestions(shelf):
    shelf.put(make("a", "党费收缴", "党费"), make("b", "党费标准", "党费"))

    shelf.remove("a")

    assert uids(search("党费", VISITOR)) == ["b"]
    assert [s.title for s in suggest("党费", VISITOR)] == ["党费标准"]


def test_rebuild_gives_the_same_answers(shelf):
    shelf.put(*(make(f"d{number}", f"通知{number}", "安全生产" * (number % 5 + 1)) for number in range(30)))
    before = uids(search("安全生产", VISITOR, per_page=50))

    report = rebuild()

    assert (report.rows, report.groups) == (30, 30)
    assert report.size_bytes > 0
    assert uids(search("安全生产", VISITOR, per_page=50)) == before


def test_rebuild_of_a_kind_drops_what_its_source_no_longer_has(shelf):
    shelf.put(make("a", "党费", "党费"), make("b", "党费", "党费"))
    del shelf.groups["a"]

    rebuild("thing")

    assert uids(search("党费", VISITOR)) == ["b"]


HOSTILE = [
    "",
    "   ",
    "。，！？《》“”",
    '"',
    '"""',
    "“未闭合的引号",
    "「」『』",
    "\0",
    "党\0费",
    "\ud800党费",
    "党费" * 5_000,
    "a" * 10_000,
    "第" * 5_000 + "条",
    "第条",
    "第" + "9" * 300 + "条",
    "AND OR NOT (党费",
    '党费 +-=&|><!(){}[]^"~*?:\\/',
    "{{党费}} <script>alert(1)</script>",
    "facet.level:x",
    "\u202e党费\u200b",
    "𠮷𠮷",
    "' OR 1=1 --",
    "%s %d {0}",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_search_hostile_input_is_a_query_like_any_other(shelf, query):
    shelf.put(make("a", "党费收缴", "党费 <script>alert(1)</script>"))

    results = search(query, VISITOR, types=["x'\0", ""], facets={"level": ["\0", '"'], "nonsense": ["x"]}, page=-5)
    open_results = search(query, VISITOR)
    suggest(query, VISITOR)

    assert results.total == 0
    assert all("<script>" not in hit.snippet + hit.title_html for hit in open_results.hits)


def test_search_rows_that_hold_only_a_common_pair_are_counted_and_found(shelf):
    """规定 says little and is not scored; a row that holds nothing else still counts as a match, so it must be on a page."""
    shelf.put(
        *(make(f"a{n}", "党费规定", f"{n}") for n in range(9)), make("b", "别的规定", ""), make("c", "运动会", "羽毛球")
    )

    pages = [search("党费规定", VISITOR, page=number, per_page=5) for number in (1, 2, 99)]

    assert [(page.page, page.total, len(page.hits)) for page in pages] == [(1, 10, 5), (2, 10, 5), (2, 10, 5)]
    assert uids(pages[1])[-1] == "b"
