"""Both engines rank, count and look up alike: the same tokens, the same BM25, the same authority."""

from __future__ import annotations

import datetime as dt
import os
import random
import secrets
from collections.abc import Iterator

import pytest

from search.contracts import SearchDocument
from search.engines.base import Engine, GroupChange, Ranked
from search.engines.elastic.engine import ElasticEngine
from search.engines.embedded.engine import EmbeddedEngine
from search.engines.rows import make_rows
from search.query.plan import Restriction
from search.query.planner import plan_lookups, plan_query
from search.service import with_sections
from tests.search.shelf import make

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

WORDS = (  # noqa: SIM905 - a list of 50 words reads better as one line
    "党费 收缴 标准 支部 委员会 会议 通知 制度 学习 主题 党日 三会一课 民主 评议 党员 发展 教育 培训 安全 生产 责任 落实 监督 检查 "
    "考核 干部 群众 服务 规定 办法 条例 实施 细则 工作 组织 生活 谈心 谈话 公开 选举 任期 换届 报告 总结 计划 经费 使用 管理 档案 hls abc 2026"
).split()
TOKENS = [frozenset({"public"}), frozenset({"member"}), frozenset({"ou:1"}), frozenset({"ou:2", "ou:3"})]


def corpus(number: int = 3_000) -> list[SearchDocument]:
    dice = random.Random(20260301)
    rows = []
    for index in range(number):
        body = "".join(dice.choices(WORDS, k=dice.randint(5, 120)))
        title = "".join(dice.choices(WORDS, k=dice.randint(2, 6)))
        rows.append(
            make(
                f"d{index}",
                title,
                body,
                type=dice.choice(["news", "course", "article"]),
                tokens=dice.choice(TOKENS),
                secrecy=dice.choice([0, 0, 0, 1, 2]),
                authority=dice.choice([1.0, 1.0, 1.3, 1.69, 2.4, 0.8, 12.5]),
                valid_from=dice.choice([0, 20200101]),
                valid_to=dice.choice([99999999, 20251231]),
                facets={"level": dice.choice(["规定", "办法", "通知"])},
                reference_title=dice.choice(["党费规定", "党费收缴办法", "干部选举条例"]),
                reference_path=f"art{dice.randint(1, 60)}",
                published=dt.date(2026, 1, 1),
            )
        )
    return rows


@pytest.fixture(scope="module")
def twins(tmp_path_factory) -> Iterator[tuple[Engine, Engine]]:
    embedded = EmbeddedEngine(tmp_path_factory.mktemp("search"))
    elastic = ElasticEngine(os.environ["ELASTICSEARCH_URL"], f"test-{secrets.token_hex(4)}")
    documents = corpus()
    for engine in (embedded, elastic):
        build = engine.begin_rebuild()
        for document in documents:
            build.add(make_rows([document], 1))
        build.finish(list[GroupChange])
    yield embedded, elastic
    elastic.drop_all()


def questions() -> list[str]:
    dice = random.Random(7)
    asked = ["".join(dice.choices(WORDS, k=dice.randint(1, 8))) for _ in range(120)]
    return [*asked, "党", "“三会一课”", "党费 党费 收缴", "hls2026", "“安全生产”责任"]


RESTRICTIONS = [
    Restriction(frozenset({"public"}), 0, 20260301),
    Restriction(frozenset({"public", "member", "ou:1", "ou:3"}), 1, 20250301),
    Restriction(frozenset({"public", "member"}), 2, 20260301, types=frozenset({"news", "course"})),
    Restriction(frozenset({"member", "ou:2"}), 0, 20260301, facets=(("level", frozenset({"规定", "通知"})),)),
]


@pytest.mark.parametrize("restriction", RESTRICTIONS, ids=["visitor", "member", "typed", "faceted"])
def test_hits_are_the_same_in_the_same_order(twins, restriction):
    embedded, elastic = twins

    for question in questions():
        plan = plan_query(question, restriction)
        mine = [row.key for row in embedded.hits(plan, 0, 10)]
        assert mine == [row.key for row in elastic.hits(plan, 0, 10)], question
        assert_alike(embedded.hits(plan, 30, 20), elastic.hits(plan, 30, 20))


def assert_alike(mine: list[Ranked], theirs: list[Ranked]) -> None:
    """The same scores rank by rank, and the same rows save those whose scores differ in the seventh digit only."""
    assert [row.score for row in mine] == pytest.approx([row.score for row in theirs], rel=5e-6)
    of_mine, of_theirs = ({row.key: row.score for row in rows} for rows in (mine, theirs))
    edges = (mine[0].score, mine[-1].score) if mine else ()
    for key in of_mine.keys() ^ of_theirs.keys():
        score = of_mine.get(key) or of_theirs[key]
        assert any(score == pytest.approx(edge, rel=1e-5) for edge in edges), key


@pytest.mark.parametrize("restriction", RESTRICTIONS[:2], ids=["visitor", "member"])
def test_lifted_hits_are_the_same_in_the_same_order(twins, restriction):
    embedded, elastic = twins
    shared = total = 0

    for question in questions():
        plan = plan_query(question, restriction)
        mine = [row.key for row in embedded.hits(with_sections(embedded, plan), 0, 10)]
        theirs = [row.key for row in elastic.hits(with_sections(elastic, plan), 0, 10)]
        shared, total = shared + len(set(mine) & set(theirs)), total + len(mine)

    assert total > 500
    assert shared / total >= 0.995


def test_sections_and_frequencies_are_the_same(twins):
    embedded, elastic = twins

    assert (embedded.row_count(), embedded.section_count()) == (elastic.row_count(), elastic.section_count())
    for question in questions()[:30]:
        plan = plan_query(question, RESTRICTIONS[1])
        mine, theirs = embedded.sections(plan, 20), elastic.sections(plan, 20)
        assert [score for _, score in mine] == pytest.approx([score for _, score in theirs], rel=5e-6)
        terms = [term for term, _ in plan.terms]
        assert embedded.frequencies(terms) == elastic.frequencies(terms)


@pytest.mark.parametrize("restriction", RESTRICTIONS, ids=["visitor", "member", "typed", "faceted"])
def test_counts_are_the_same(twins, restriction):
    embedded, elastic = twins

    for question in questions():
        plan = plan_query(question, restriction)
        assert embedded.counts(plan, ["level"]) == elastic.counts(plan, ["level"]), question


def test_lookups_are_the_same(twins):
    embedded, elastic = twins

    for title in ("党费规定", "党费", "选举条例", ""):
        for number in range(1, 61):
            for lookup in plan_lookups(title, f"art{number}", RESTRICTIONS[1]):
                mine = [row.key for row in embedded.lookup(lookup, 20)]
                assert mine == [row.key for row in elastic.lookup(lookup, 20)], (title, number)


def test_suggestions_are_the_same(twins):
    embedded, elastic = twins

    for key in ("党费", "^党费", "df", "^h", "zhibu", "2026"):
        mine = [row.key for row in embedded.suggest(key, RESTRICTIONS[0], 24)]
        assert mine == [row.key for row in elastic.suggest(key, RESTRICTIONS[0], 24)], key
        assert mine
