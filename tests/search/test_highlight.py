from __future__ import annotations

import html
import re
import time

from hypothesis import given
from hypothesis import strategies as st

from search.highlight import Highlighter
from search.query.plan import Restriction
from search.query.planner import plan_query

ANYBODY = Restriction(frozenset({"public"}), 0, 20260101)


def highlighter(query: str) -> Highlighter:
    plan = plan_query(query, ANYBODY)
    return Highlighter(plan.gate, plan.phrases)


def test_mark_joins_overlapping_pairs_and_escapes_the_rest():
    assert highlighter("党费收缴").mark("<b>党费收缴</b> 收缴") == (
        "&lt;b&gt;<mark>党费收缴</mark>&lt;/b&gt; <mark>收缴</mark>"
    )


def test_mark_follows_traditional_and_wide_characters_to_the_original():
    assert highlighter("党费abc").mark("黨費ＡＢＣ") == "<mark>黨費ＡＢＣ</mark>"


def test_mark_latin_word_matches_only_whole():
    assert highlighter("art").mark("art start") == "<mark>art</mark> start"


def test_snippet_shows_the_passage_with_most_terms():
    filler = "这里没有相关内容，只是一段很长的铺垫文字。" * 20
    text = f"收缴很多次。{filler}党费收缴的标准由支部公布。{filler}"

    snippet = highlighter("党费收缴").snippet(text)

    assert snippet.startswith("…<mark>党费收缴</mark>的标准由支部公布。")
    assert snippet.endswith("…")
    assert len(re.sub("<[^>]+>", "", snippet)) <= 93


def test_snippet_without_a_match_is_the_beginning():
    assert highlighter("羽毛球").snippet("第一句。第二句。") == "第一句。第二句。"


def test_snippet_of_a_long_text_is_quick():
    text = "党费收缴" * 25_000

    started = time.perf_counter()
    highlighter("党费收缴标准").snippet(text)

    assert time.perf_counter() - started < 2


@given(st.text(max_size=60), st.text(alphabet="党费收缴<>&'\"ab ＡＢ\n。，", max_size=150))
def test_output_is_the_text_with_marks_only(query, text):
    def plain(shown: str) -> str:
        return html.unescape(shown.replace("<mark>", "").replace("</mark>", ""))

    marker = highlighter(query)

    assert plain(marker.mark(text)) == re.sub(r"\s+", " ", text) or re.sub(
        r"\s", "", plain(marker.mark(text))
    ) == re.sub(r"\s", "", text)
    assert re.sub(r"\s", "", plain(marker.snippet(text)).strip("…")) in re.sub(r"\s", "", text)
    assert re.search(r"<(?!/?mark>)", marker.mark(text)) is None


def test_snippet_of_a_very_long_text_comes_from_the_part_with_most_terms():
    filler = "这里没有相关内容，收缴很多次。" * 4_000
    text = f"{filler}党费收缴的标准由支部公布。{filler}"

    snippet = highlighter("党费收缴").snippet(text)

    assert "<mark>党费收缴</mark>的标准由支部公布" in snippet
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert len(html.unescape(re.sub("</?mark>", "", snippet))) <= 92
