from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis.references import (
    NameTable,
    chinese_number,
    find_references,
    parse_number,
    reference_in_query,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("五十四", 54),
        ("一百零五", 105),
        ("一百一十", 110),
        ("一千二百六十", 1260),
        ("一千零五", 1005),
        ("一〇二", 102),
        ("二〇二六", 2026),
        ("两百", 200),
        ("一万零三", 10003),
        ("54", 54),
        ("五十x", None),
        ("", None),
        ("第", None),
    ],
)
def test_parse_number(text, value):
    assert parse_number(text) == value


@given(st.integers(min_value=1, max_value=99_999))
def test_chinese_number_is_read_back(value):
    assert parse_number(chinese_number(value)) == value


def test_chinese_number_is_written_as_statutes_write_it():
    written = [chinese_number(n) for n in (1, 10, 12, 20, 54, 105, 110, 1005, 1260, 20100)]

    assert written == [
        "一",
        "十",
        "十二",
        "二十",
        "五十四",
        "一百零五",
        "一百一十",
        "一千零五",
        "一千二百六十",
        "二万零一百",
    ]


@pytest.mark.parametrize(
    ("query", "title", "article", "path", "label"),
    [
        ("民法典第五十四条", "民法典", "art54", "art54", "第五十四条"),
        ("民法典第54条", "民法典", "art54", "art54", "第五十四条"),
        ("民法典54条", "民法典", "art54", "art54", "第五十四条"),
        ("《民法典》的第五十四条", "民法典", "art54", "art54", "第五十四条"),
        ("第五十四条 民法典", "民法典", "art54", "art54", "第五十四条"),
        ("刑法第二百八十七条之一", "刑法", "art287-1", "art287-1", "第二百八十七条之一"),
        ("刑法第二百八十七条之一第二款", "刑法", "art287-1", "art287-1/p2", "第二百八十七条之一第二款"),
        ("公司法第10条第（三）项", "公司法", "art10", "art10/i3", "第十条第（三）项"),
        ("公司法第十条第二款第（三）项", "公司法", "art10", "art10/p2/i3", "第十条第二款第（三）项"),
        ("黨章第十條", "党章", "art10", "art10", "第十条"),
        ("第五十四条", "", "art54", "art54", "第五十四条"),
    ],
)
def test_reference_in_query(query, title, article, path, label):
    found = reference_in_query(query)

    assert found is not None
    assert (found.title, found.article, found.path, found.label) == (title, article, path, label)


@pytest.mark.parametrize(
    "query", ["", "民法典", "54条", "第条", "第零条", "第十条和第十一条", "条", "x" * 200 + "第十条"]
)
def test_reference_in_query_without_one_article_is_none(query):
    assert reference_in_query(query) is None


def test_reference_range_knows_its_end():
    found = reference_in_query("党章第十条至第十二条")

    assert found is not None
    assert (found.article, found.until) == ("art10", "art12")


def test_find_references_takes_the_longest_name_that_ends_there():
    names = NameTable(["刑法", "民法典", "刑事诉讼法", "诉讼法"])
    text = "依照刑事诉讼法第三条、第五条和《中华人民共和国民法典》第五十四条，以及本条例第二条第一款；罚款二十条不算。"

    found = [(r.title, r.path, text[r.start : r.end]) for r in find_references(text, names)]

    assert found == [
        ("刑事诉讼法", "art3", "第三条"),
        ("刑事诉讼法", "art5", "第五条"),
        ("中华人民共和国民法典", "art54", "第五十四条"),
        ("本条例", "art2/p1", "第二条第一款"),
    ]


def test_find_references_offsets_hold_behind_characters_that_fold_longer():
    text = "㈠《民法典》第五十四条"

    (found,) = find_references(text)

    assert text[found.start : found.end] == "第五十四条"


@given(st.text(alphabet="第条款项之一二十百54至、《》()（） 民法典", max_size=60))
def test_find_references_never_fails(text):
    for found in find_references(text, NameTable(["民法典"])):
        assert 0 <= found.start < found.end <= len(text)
    reference_in_query(text)
