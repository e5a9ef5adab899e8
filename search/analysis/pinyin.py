"""Keys for suggestions: prefixes of a title, and of its pinyin initials and full pinyin, from each word start."""

from __future__ import annotations

import re

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


def suggest_keys(title: str) -> list[str]:
    """All keys under which `title` is suggested, about two hundred."""
    words = [fold(word) for word in seg.cut(_NOT_WORD.sub("", fold(title)))]
    text = "".join(words)
    if not text:
        return []
    syllables = lazy_pinyin(words, style=Style.NORMAL, errors=_letters)  # type: ignore[arg-type]
    if len(syllables) != len(text):  # a rare character without a reading: characters only
        syllables = list(text)
    heads = {0, len(_STATE)} if text.startswith(_STATE) else {0}
    starts: list[int] = []
    offset = 0
    for word in words:
        starts.append(offset)
        offset += len(word)
    keys: set[str] = set()
    for start in sorted({*starts, *heads}):
        if start >= len(text):
            continue
        spelled = syllables[start : start + MAX_CHARACTERS]
        prefixes = {
            *_prefixes(text[start : start + MAX_CHARACTERS]),
            *_prefixes("".join(syllable[:1] for syllable in spelled)),
            *_prefixes("".join(spelled)[:MAX_LETTERS]),
        }
        keys |= prefixes
        if start in heads:
            keys |= {START + prefix for prefix in prefixes}
    return sorted(keys)


def _letters(text: str) -> list[str]:  # pypinyin takes a list here: one reading for each character
    return list(text)


def _prefixes(text: str) -> list[str]:
    return [text[:length] for length in range(1, len(text) + 1)]
