"""Keys for suggestions: prefixes of a title, and of its pinyin initials and full pinyin, from each word start."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.mmseg import seg

from search.analysis.normalize import fold

MAX_CHARACTERS = 12
MAX_LETTERS = 24
START = "^"
"""Marks keys that match the beginning of the title, which outranks a match further in."""
_STATE = "中华人民共和国"
_NOT_WORD = re.compile(r"[\W_]+")


def suggest_key(typed: str) -> str:
    """What was typed, in the form of the keys: folded, without blanks and marks; empty when nothing is left."""
    key = _NOT_WORD.sub("", fold(typed).replace("ü", "v"))
    return key[:MAX_LETTERS] if key.isascii() else key[:MAX_CHARACTERS]


def suggest_starts(title: str) -> list[str]:
    """What somebody may have begun to write, from each word of `title`: each beginning of each of these is a key. About fifty,
    where the keys are some hundreds."""
    words = [fold(word) for word in seg.cut(_NOT_WORD.sub("", fold(title)))]
    text = "".join(words)
    if not text:
        return []
    syllables = [syllable for word in words for syllable in _syllables(word)]
    if len(syllables) != len(text):  # a rare character without a reading: characters only
        syllables = list(text)
    heads = {0, len(_STATE)} if text.startswith(_STATE) else {0}
    starts = set(heads)
    offset = 0
    for word in words:
        starts.add(offset)
        offset += len(word)
    found: dict[str, None] = {}
    for start in sorted(starts):
        if start >= len(text):
            continue
        spelled = syllables[start : start + MAX_CHARACTERS]
        ways = (
            text[start : start + MAX_CHARACTERS],
            "".join([syllable[:1] for syllable in spelled]),
            "".join(spelled)[:MAX_LETTERS],
        )
        found.update(dict.fromkeys(ways))
        if start in heads:
            found.update(dict.fromkeys(START + way for way in ways))
    return list(found)


def suggest_keys(starts: Iterable[str]) -> list[str]:
    """All keys: every beginning of each of these."""
    keys = {start[:length] for start in starts for length in range(1, len(start) + 1)}
    return sorted(keys - {START})


@functools.lru_cache(maxsize=20_000)
def _syllables(word: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin([word], style=Style.NORMAL, errors=_letters))  # type: ignore[arg-type]


def _letters(text: str) -> list[str]:  # pypinyin takes a list here: one reading for each character
    return list(text)
