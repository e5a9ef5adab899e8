from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from search.analysis import grams
from search.analysis.grams import index_strings, index_tokens, positions
from search.analysis.normalize import fold, fold_with_offsets
from search.analysis.pinyin import suggest_key, suggest_keys, suggest_starts


def test_index_tokens_are_characters_pairs_and_whole_words():
    assert index_tokens("党费收缴ABC-12") == ["党", "费", "收", "缴", "党费", "费收", "收缴", "abc", "12"]


def test_index_tokens_letters_beside_han_stay_apart():
    assert index_tokens("用HLS播放") == ["用", "hls", "播", "放", "播放"]


def test_positions_are_in_order():
    assert positions("第5条 规定") == ["第", "5", "条", "规", "定"]


def test_fold_makes_one_form():
    assert fold("黨費ＡＢＣ１２①㎡\0") == "党费abc121m2 "


@given(st.text(max_size=200))
def test_fold_offsets_point_into_the_text(text):
    folded, offsets = fold_with_offsets(text)

    assert len(folded) >= len(text)
    if offsets is not None:
        assert len(offsets) == len(folded)
        assert offsets == sorted(offsets)
        assert all(0 <= offset < len(text) for offset in offsets)


@given(st.text(max_size=200))
def test_index_strings_hold_the_same_tokens(text):
    in_order, pairs = index_strings(text)

    assert sorted([*in_order.split(), *pairs.split()]) == sorted(index_tokens(text))
    assert in_order.split() == positions(text)


@given(st.text(max_size=200))
def test_tokens_hold_no_blank_and_nothing_an_engine_refuses(text):
    for token in index_tokens(text):
        assert token.split() == [token]
        token.encode("utf-8")


def test_suggest_keys_start_at_words_and_mark_the_beginning():
    keys = set(suggest_keys(suggest_starts("中华人民共和国个体工商户条例")))

    assert {"^中", "^个体", "个体工商", "^gtgsh", "^getigong", "tiaoli", "条例", "^zhrmghg", "zhonghua"} <= keys
    assert "^条例" not in keys
    assert len(keys) < 500


def test_suggest_key_is_what_keys_are_made_of():
    assert suggest_key(" 《个 体》工 ") == "个体工"
    assert suggest_key("GeTi Gong") == "getigong"
    assert suggest_key("。，") == ""
    assert suggest_starts("《》") == []


def _as_each_run_says(text: str) -> tuple[str, str]:
    runs = grams.runs(fold(text))
    in_order = " ".join(" ".join(run) if is_han else run for run, is_han in runs)
    doubles = " ".join(" ".join(grams.pairs(run)) for run, is_han in runs if is_han and len(run) > 1)
    return in_order, doubles


def test_index_strings_all_at_once_are_those_of_each_run():
    dice = random.Random(3)
    pool = [*"党费收缴民主评议，。\n\t\x00 ①㈱ⅣＡＢ１２abc12臺灣體黨ﬁé_-\u0130\ufb03𠮷𠀀々〇\ud800\u200b\u3000½"]
    pool += [chr(dice.randrange(0x11_0000)) for _ in range(500)]
    for _ in range(3_000):
        text = "".join(dice.choice(pool) for _ in range(dice.randrange(12)))
        assert grams.index_strings(text) == _as_each_run_says(text), repr(text)
