"""Learning on the index in use, and what is kept of it."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from search.evaluation.training import LEAST, judgements_of
from search.indexing import rebuild
from search.ranking import current, kept
from search.ranking.asked import AskedBefore, AskedQuestion
from search.ranking.booster import is_installed
from search.service import search
from tests.search.shelf import VISITOR, make, uids

pytestmark = [pytest.mark.skipif(not is_installed(), reason="LightGBM is missing"), pytest.mark.slow]
SUBJECTS = [
    "党费收缴",
    "民主评议",
    "发展党员",
    "三会一课",
    "主题党日",
    "组织生活",
    "谈心谈话",
    "换届选举",
    "党员教育",
    "志愿服务",
]
WORDS = ["办法", "通知", "规定", "细则", "方案", "要点"]


@pytest.fixture
def learning(shelf, settings, tmp_path):
    """A library in which people always want the plan (方案) of a subject, whatever the words say."""
    settings.SEARCH_RANKING_DIR = tmp_path / "ranking"
    lines = []
    for one, subject in enumerate(SUBJECTS):
        for two, word in enumerate(WORDS):
            shelf.groups[f"{one}-{two}"] = [
                make(f"{one}-{two}", f"{subject}{word}", f"关于{subject}的{word}，" + "有关事项说明。" * (two == 4) * 9)
            ]
            lines.append({"query": f"{subject}怎么办{word}", "relevant": [{"id": f"thing:{one}-4"}]})
    rebuild()
    path = tmp_path / "judged.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    return path


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_train_from_judgements_measures_keeps_and_uses_what_is_better(learning, shelf, capsys):
    assert uids(search("党费收缴怎么办办法", VISITOR))[0] == "0-0"

    call_command("search_train", "--judgements", learning, "--folds", "3")

    said = capsys.readouterr().out
    assert "in use from the next query on" in said
    stored = json.loads(kept.place().read_text())
    assert stored["figures"]["learned"]["mrr_at_10"] > stored["figures"]["plain"]["mrr_at_10"]
    assert stored["figures"]["learned"]["questions"] == len(SUBJECTS) * len(WORDS)
    assert abs(sum(stored["gains"].values()) - 1) < 0.01
    assert uids(search("党费收缴怎么办办法", VISITOR))[0] == "0-4"

    call_command("search_train", "--off")
    assert uids(search("党费收缴怎么办办法", VISITOR))[0] == "0-0"
    call_command("search_train", "--on")
    assert uids(search("党费收缴怎么办办法", VISITOR))[0] == "0-4"
    call_command("search_train", "--show")
    assert "asked_most" in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_train_from_clicks_and_too_few_of_them(learning, shelf, monkeypatch):
    asked = judgements_of(learning)
    monkeypatch.setattr(current, "_asked", lambda: AskedBefore(asked[: LEAST - 1]))
    with pytest.raises(CommandError, match="too few"):
        call_command("search_train", "--clicks")
    assert kept.read() is None

    monkeypatch.setattr(current, "_asked", lambda: AskedBefore(asked))
    call_command("search_train", "--clicks", "--folds", "2")

    assert kept.read().source == "clicks"
    assert len(current.current_learned().asked.questions) == len(asked)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 99}', "\udcff", '{"version": 1, "questions": 3}'])
@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_file_that_cannot_be_used_leaves_search_as_it_is(shelf, settings, tmp_path, content):
    settings.SEARCH_RANKING_DIR = tmp_path / "ranking"
    kept.place().parent.mkdir()
    kept.place().write_bytes(content.encode("utf-8", "surrogateescape"))
    shelf.put(make("a", "党费", "党费"))

    assert uids(search("党费", VISITOR)) == ["a"]
    with pytest.raises(CommandError):
        call_command("search_train", "--show")


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_judgements_about_rows_that_are_not_there_are_left_out(shelf, tmp_path):
    shelf.put(make("a", "党费", "党费", group="g"))
    path = tmp_path / "judged.jsonl"
    path.write_text(
        '{"query": "党费", "relevant": [{"id": "thing:a"}, {"id": "thing:none"}]}\n{"query": "x", "relevant": [{"id": "y"}]}\n'
    )

    assert judgements_of(path) == [AskedQuestion("党费", (("thing:a", "thing:g"),))]
