from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.finding.domain.curating import (
    NotAWord,
    NotPinnable,
    checked_words,
    remove_pin,
    remove_synonym,
    save_pin,
    save_synonym,
)
from portal.finding.models import Pin, Synonym
from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from search.service import search
from tests.factories import make_user
from tests.search.shelf import MEMBER, VISITOR, make, uids

pytestmark = pytest.mark.django_db


def _audited() -> list[str]:
    return [entry.payload["action"] for entry in OutboxEntry.objects.filter(name="audit.line").order_by("pk")]


def test_synonym_counts_with_the_next_query_in_both_directions_and_is_gone_with_the_next(shelf):
    shelf.put(make("a", "组织关系转接", "手续"), make("b", "党员档案迁移", "办理"))
    actor = make_user()
    assert search("转移党员关系", VISITOR).total == 2  # by 党员 and 关系

    row = save_synonym(Synonym(word="档案迁移", others="关系转接，调档"), actor=actor)

    assert sorted(uids(search("关系转接", VISITOR))) == ["a", "b"]
    assert sorted(uids(search("档案迁移", VISITOR))) == ["a", "b"]
    assert row.others == "关系转接、调档"
    remove_synonym(row, actor=actor)
    assert uids(search("档案迁移", VISITOR)) == ["b"]
    assert _audited() == ["search.synonym_added", "search.synonym_removed"]


def test_synonym_in_one_direction_and_switched_off(shelf):
    shelf.put(make("a", "积分", "规则"), make("b", "学时", "规定"))
    row = save_synonym(Synonym(kind="wider", word="分数", others="积分"), actor=make_user())

    assert uids(search("分数", VISITOR)) == ["a"]
    assert uids(search("积分", VISITOR)) == ["a"]
    row.is_on = False
    save_synonym(row, actor=make_user())
    assert search("分数", VISITOR).total == 0


@pytest.mark.parametrize(
    ("kind", "word", "others", "field"),
    [
        ("same", "党", "党员", "word"),
        ("same", "！！", "党员", "word"),
        ("same", "党员", "、，", "others"),
        ("same", "党员", "黨員", "others"),
        ("same", "人民", "群众们", "word"),
        ("short", "民诉法", "民事诉讼法、民法", "others"),
        ("same", "词" * 41, "党员", "word"),
        ("same", "多的", "、".join(f"词语{n}" for n in range(9)), "others"),
        ("same", "旧词", "新词", "word"),
    ],
)
def test_words_that_cannot_be_used_are_refused(kind, word, others, field):
    Synonym.objects.create(kind="same", word="旧词", key="旧词", others="别的")

    with pytest.raises(NotAWord) as refused:
        checked_words(kind, word, others)

    assert refused.value.field == field


def test_pin_obeys_dates_and_permissions(shelf):
    shelf.put(
        make("open", "缴费指南", "怎么交"),
        make("unit", "内部台账", "台账", tokens=frozenset({"ou:7"})),
        make("hit", "党费", "党费"),
    )
    actor = make_user()
    save_pin(Pin(query="党费", group="thing:open"), viewer=MEMBER, actor=actor)
    unit = save_pin(Pin(query="黨費？", group="thing:unit", place=0), viewer=MEMBER, actor=actor)

    assert uids(search("党费", VISITOR)) == ["open", "hit"]
    assert uids(search("党费", MEMBER)) == ["unit", "open", "hit"]
    unit.ends_on = today() - dt.timedelta(days=1)
    save_pin(unit, viewer=MEMBER, actor=actor)
    assert uids(search("党费", MEMBER)) == ["open", "hit"]
    remove_pin(unit, actor=actor)
    assert _audited()[-1] == "search.pin_removed"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"query": "？"}, "query"),
        ({"group": "thing:unit"}, "group"),
        ({"group": "thing:absent"}, "group"),
        ({"group": "没有冒号"}, "group"),
        ({"group": "thing:taken"}, "group"),
        ({"starts_on": dt.date(2026, 2, 1), "ends_on": dt.date(2026, 1, 1)}, "ends_on"),
    ],
)
def test_pin_that_cannot_be_is_refused_alike_for_hidden_and_absent(shelf, values, field):
    shelf.put(make("a", "甲", "甲"), make("taken", "乙", "乙"), make("unit", "丙", "丙", tokens=frozenset({"ou:7"})))
    save_pin(Pin(query="党费", group="thing:taken"), viewer=VISITOR, actor=make_user())

    with pytest.raises(NotPinnable) as refused:
        save_pin(Pin(**{"query": "党费", "group": "thing:a", **values}), viewer=VISITOR, actor=make_user())

    assert refused.value.field == field


def test_curation_costs_the_same_queries_however_much_there_is(shelf):
    shelf.put(make("a", "党费", "党费"))
    search("党费", VISITOR)
    with CaptureQueriesContext(connection) as before:
        search("党费", VISITOR)
    for number in range(3):
        save_synonym(Synonym(word=f"词语{number}", others="党费"), actor=make_user())
    search("党费", VISITOR)
    with CaptureQueriesContext(connection) as after:
        search("党费", VISITOR)

    assert len(before) == len(after) <= 2
