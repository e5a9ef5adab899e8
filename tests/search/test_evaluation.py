"""`search_eval` on small files, the learned ranking, references in ten ways, and what lifts a row."""

from __future__ import annotations

import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from search.analysis.references import chinese_number
from search.engines.embedded.engine import EmbeddedEngine
from search.evaluation.datasets import BadFile, Question, as_asked, read_articles, read_questions
from search.evaluation.known_items import measure_known_items
from search.evaluation.measuring import READER, fill, learn_from, measure
from search.query.plan import Restriction
from search.query.planner import plan_query
from search.ranking import authority, place_citation_counts
from search.ranking.asked import AskedBefore, AskedQuestion
from search.ranking.booster import is_installed
from search.ranking.learned import Learned
from search.service import search, with_sections
from tests.search.shelf import make

SUBJECTS = ["党费收缴", "民主评议", "发展党员", "主题党日", "换届选举", "谈心谈话", "组织生活", "学习培训"]


def write_articles(path):
    rows = []
    for number, subject in enumerate(SUBJECTS):
        title = f"中华人民共和国{subject}法"
        for article in range(1, 11):
            rows.append(
                {
                    "id": f"L{number}-{article}",
                    "law_title": title,
                    "article": f"第{chinese_number(article)}条",
                    "text": f"{subject}的第{article}项要求由{SUBJECTS[(number + article) % 8]}部门负责，按年度办理。",
                    "heading": f"第一章 {subject}总则" if article < 6 else "第二章 附则",
                    "date": "2020-01-01",
                }
            )
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def write_questions(path, answers):
    with path.open("w", encoding="utf-8") as file:
        for text, uid in answers:
            file.write(json.dumps({"query": text, "relevant": [{"id": uid}]}, ensure_ascii=False) + "\n")
    return path


@pytest.fixture
def files(tmp_path):
    articles = write_articles(tmp_path / "a.jsonl.gz")
    questions = [(f"{subject}归谁管，第{n}项？", f"L{i}-{n}") for i, subject in enumerate(SUBJECTS) for n in (2, 7)]
    return articles, write_questions(tmp_path / "q.jsonl", questions)


@pytest.fixture
def filled(files, tmp_path, db):
    documents = read_articles(files[0])
    engine = EmbeddedEngine(tmp_path / "index")
    fill(engine, documents)
    return engine, documents, read_questions(files[1])


@pytest.mark.django_db
def test_search_eval_prints_its_figures_and_writes_them(files, tmp_path, capsys):
    report = tmp_path / "figures.json"

    call_command("search_eval", articles=files[0], questions=files[1], json=report)

    figures = json.loads(report.read_text())
    assert (figures["engine"], figures["articles"], figures["questions"], figures["zero_hits"]) == (
        "tantivy",
        80,
        16,
        0,
    )
    assert figures["recall_at_100"] == 1.0
    assert 0 < figures["mrr_at_10"] <= 1
    assert "recall_at_10" in capsys.readouterr().out


@pytest.mark.django_db
def test_search_eval_says_what_is_wrong_with_a_file(files, tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"query": "党费"}\n')

    with pytest.raises(CommandError, match=r"broken\.jsonl, line 1: needs query and relevant"):
        call_command("search_eval", articles=files[0], questions=broken)
    with pytest.raises(CommandError, match="There is no file"):
        call_command("search_eval", articles=tmp_path / "none", questions=broken)


def test_articles_without_a_needed_key_are_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "1"}\n')

    with pytest.raises(BadFile, match="line 1: without article, law_title, text"):
        read_articles(path)


def test_known_items_are_found_first_in_every_form(filled):
    engine, documents, _ = filled

    figures = measure_known_items(engine, documents, 10)

    assert (figures["hit_at_1"], figures["without_hits"], figures["examples_missed"]) == (1.0, 0, [])
    assert len(figures["hit_at_1_by_form"]) == 9


def test_section_lifts_its_rows_above_equal_words_elsewhere(tmp_path, db):
    engine = EmbeddedEngine(tmp_path / "index")
    fill(
        engine,
        [
            make("near", "办法", "按规定办理", group="g1", context="甲章"),
            make("near2", "办法", "党费收缴的期限", group="g1", context="甲章"),
            make("far", "办法", "按规定办理", group="g2", context="乙章"),
            make("far2", "办法", "运动会的期限", group="g2", context="乙章"),
        ],
    )
    plan = plan_query("党费收缴怎样办理", Restriction(frozenset({"public"}), 0, 20260101))

    plain = {row.data["uid"]: row.score for row in engine.hits(plan, 0, 10)}
    lifted = {row.data["uid"]: row.score for row in engine.hits(with_sections(engine, plan), 0, 10)}

    assert plain["near"] == plain["far"]
    assert lifted["near"] > lifted["far"]


def test_section_of_a_row_that_may_not_be_seen_lifts_nothing(tmp_path, db):
    engine = EmbeddedEngine(tmp_path / "index")
    fill(
        engine,
        [
            make("open", "办法", "按规定办理", group="g", context="甲章"),
            make("hidden", "办法", "党费收缴", group="g", context="甲章", tokens=frozenset({"ou:7"})),
        ],
    )
    plan = plan_query("党费收缴", Restriction(frozenset({"public"}), 0, 20260101))

    assert engine.sections(plan, 10) == []
    assert len(engine.sections(plan_query("党费", Restriction(frozenset({"ou:7"}), 0, 20260101)), 10)) == 1
    assert engine.section_count() == 2


def test_asked_before_lifts_what_answered_the_like_but_not_for_those_who_may_not_see_it(tmp_path, db):
    engine = EmbeddedEngine(tmp_path / "index")
    fill(
        engine,
        [
            make("words", "甲", "请问路在何方"),
            make("answer", "乙", "路线图"),
            make("hidden", "丙", "路线图", tokens=frozenset({"ou:7"})),
        ],
    )
    asked = AskedBefore(
        [AskedQuestion("去会场的路怎么走", (("thing:answer", "thing:answer"), ("thing:hidden", "thing:hidden")))]
    )

    plain = [hit.uid for hit in search("会场的路怎么走啊", READER, engine=engine, learned=Learned()).hits]
    lifted = [hit.uid for hit in search("会场的路怎么走啊", READER, engine=engine, learned=Learned(asked)).hits]

    assert set(plain) == set(lifted) == {"words", "answer"} or plain == lifted == []
    if lifted:
        assert lifted[0] == "answer"


def test_asked_before_leaves_out_the_question_itself():
    asked = AskedBefore(
        [AskedQuestion("党费怎么交", (("k:1", "k:g"),)), AskedQuestion("党费何时交", (("k:2", "k:g"),))]
    )

    everything, others = asked.like("党费怎么交"), asked.like("党费怎么交", leave_out=0)

    assert everything.greatest["k:1"] == pytest.approx(1.0)
    assert set(others.greatest) == {"k:2"}
    assert asked.like("羽毛球").greatest == {}


@pytest.mark.slow
@pytest.mark.skipif(not is_installed(), reason="the extra “learn” is not installed")
def test_learned_order_is_kept_as_text_and_improves_on_what_it_saw(filled):
    engine, documents, questions = filled

    learned = learn_from(engine, questions, documents)

    assert learned.booster is not None
    assert abs(sum(learned.booster.gains().values()) - 1) < 0.01
    assert measure(engine, questions, learned).recall_at_100 == 1.0
    assert type(learned.booster)(learned.booster.text).scores([[0.0] * 19]) == learned.booster.scores([[0.0] * 19])


def test_place_citations_count_each_naming_article_once():
    counts = place_citation_counts(
        ["中华人民共和国甲法", "乙条例"],
        [
            ("乙条例", "art1", "依照《甲法》第三条、第四条的规定。又见《甲法》第三条。"),
            ("中华人民共和国甲法", "art5", "本法第三条所称机关。"),
            ("中华人民共和国甲法", "art3", "本法第三条所称机关。"),
        ],
    )

    assert counts == {("中华人民共和国甲法", "art3"): 2, ("中华人民共和国甲法", "art4"): 1}
    assert authority(3, 10, 5) > authority(3, 10)


def test_as_asked_leaves_out_answers_that_are_not_there():
    asked = as_asked([Question("党费", frozenset({"a", "gone"}))], [make("a", "党费", group="g")])

    assert asked == [AskedQuestion("党费", (("law:a", "law:g"),))]
