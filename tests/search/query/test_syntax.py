from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.query.plan import Restriction
from search.query.planner import plan_query
from search.query.syntax import Typed, parse
from search.service import search, suggest
from tests.search.shelf import VISITOR, make, uids

NAMES = {"类型": "type", "type": "type", "效力级别": "level", "栏目": "column"}
ANYBODY = Restriction(frozenset({"public"}), 0, 20260101)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("党费收缴", Typed("党费收缴")),
        ("党费 -收缴", Typed("党费", excluded=("收缴",))),
        ("党费 -“收缴 标准” －通知", Typed("党费", excluded=("收缴 标准", "通知"))),
        ("安全-生产", Typed("安全-生产")),
        ("党费 - 收缴", Typed("党费 - 收缴")),
        ("效力级别:规定 党费", Typed("党费", fields=(("level", "规定"),))),
        ("党费 栏目：“要闻 一”", Typed("党费", fields=(("column", "要闻 一"),))),
        ("栏目:要闻", Typed("要闻", fields=(("column", "要闻"),))),
        ("比分:3:2", Typed("比分:3:2")),
        ("不知道:什么", Typed("不知道:什么")),
        ("收费 截至:2019年5月1日", Typed("收费", as_of=dt.date(2019, 5, 1))),
        ("收费 截至:2019-13-01", Typed("收费 截至:2019-13-01")),
        ("“主题党日”方案", Typed("“主题党日”方案", phrases=("主题党日",))),
        ("中办发〔2019〕34号", Typed("中办发〔2019〕34号", numbers=("中办发〔2019〕34号",))),
        ("-", Typed("-")),
        (":", Typed(":")),
    ],
)
def test_typed_text_is_taken_apart(text, understood):
    assert parse(text, NAMES) == understood


def test_plan_of_a_number_is_a_phrase_that_may_go_and_brackets_do_not_count():
    plan = plan_query("中办发[2019]34号", ANYBODY)

    assert plan.phrases == (("中", "办", "发", "2019", "34", "号"),)
    assert [one.phrases for one in plan.relaxations()] == [plan.phrases, ()]


def test_minus_fields_and_dates_decide_what_is_found(shelf):
    shelf.put(
        make("a", "党费一", "党费收缴", facets={"level": "规定"}),
        make("b", "党费二", "党费标准", facets={"level": "通知"}),
        make("c", "党费三", "党费标准", type="course", valid_to=20191231),
    )

    assert sorted(uids(search("党费", VISITOR))) == ["a", "b"]
    assert uids(search("党费 -收缴", VISITOR)) == ["b"]
    assert (search("党费 -收缴", VISITOR).total, search("党费 -“党费标准”", VISITOR).total) == (1, 1)
    assert uids(search("党费 效力级别:规定", VISITOR)) == ["a"]
    assert uids(search("党费 level:通知", VISITOR)) == ["b"]
    assert uids(search("党费 类型:课程 截至:2019-05-01", VISITOR)) == ["c"]
    assert uids(search("党费 type:news", VISITOR)) == ["a", "b"] or uids(search("党费 type:news", VISITOR)) == [
        "b",
        "a",
    ]
    assert uids(search("党费 -党费", VISITOR)) == []


def test_number_of_a_document_finds_it_before_others_of_its_words(shelf):
    shelf.put(
        make("a", "通知", "依据中办发〔2019〕34号文件执行"),
        make("b", "通知", "中办发〔2018〕34号、中办发〔2019〕3号"),
    )

    assert uids(search("中办发(2019)34号", VISITOR)) == ["a"]
    assert sorted(uids(search("中办发〔2020〕34号", VISITOR))) == ["a", "b"]


HARD = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from('党费收缴第条章法-－:："“”「」〔〕() 0123456789类型栏目level')),
    max_size=80,
)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=HARD)
def test_any_text_is_a_query(shelf, query):
    if not shelf.groups:
        shelf.put(make("a", "党费收缴第一条", "党费"))

    results = search(query, VISITOR)

    assert 0 <= len(results.hits) <= results.total
    suggest(query, VISITOR)
    assert list(plan_query(query, ANYBODY).lines())


def test_search_explain_prints_plan_and_reasons(shelf, capsys):
    shelf.put(make("a", "民法典学习", "条文", authority=1.5))

    call_command("search_explain", "民法典第五十四条 -标准")

    out = capsys.readouterr().out
    assert "not       标 准" in out
    assert "place     民法典 第五十四条 (art54)" in out
    assert "× authority 1.500" in out
