"""Folding: one form for everything that should match: NFKC, lower case, traditional characters to simplified ones."""

from __future__ import annotations

import functools
import re
import unicodedata
from pathlib import Path

import opencc


@functools.cache
def _simplified() -> dict[str, str]:
    """Traditional to simplified, character by character, from the table that OpenCC ships (the first reading counts).

    Only characters, not OpenCC's phrases: both sides of the comparison are folded alike, and offsets stay true.
    """
    table: dict[str, str] = {}
    path = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        traditional, _, simplified = line.partition("\t")
        if simplified:
            table[traditional] = simplified.split(" ")[0]
    return table


class _Folding(dict[int, str]):
    """A table for `str.translate` that works out a character when it is first seen."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if 0xD800 <= code <= 0xDFFF or code == 0:  # lone surrogates and NUL survive in no engine
            folded = " "
        else:
            simplified = _simplified()
            folded = "".join(simplified.get(c, c) for c in unicodedata.normalize("NFKC", character).lower()) or " "
        self[code] = folded
        return folded


_FOLDING = _Folding()
_LETTER = re.compile(r"\w")


def fold(text: str) -> str:
    """The folded text; every character becomes at least one, so equal lengths mean equal offsets."""
    return text.translate(_FOLDING)


def must_fold(text: str) -> bool:
    """Whether folding changes any letter of a text. Most Chinese texts have nothing but marks to fold, and looking is ten times
    quicker than folding."""
    return _changed_letters().search(text) is not None


@functools.cache
def _changed_letters() -> re.Pattern[str]:
    """The characters whose folded form differs and has a letter or digit in either, and all beyond the basic plane."""
    ranges: list[list[int]] = []
    for code in range(0x10000):
        character = chr(code)
        folded = fold(character)
        if folded == character or not (_LETTER.search(character) or _LETTER.search(folded)):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    listed = "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)
    return re.compile(f"[{listed}\U00010000-\U0010ffff]")


def fold_with_offsets(text: str) -> tuple[str, list[int] | None]:
    """The folded text and, for each of its characters, the offset in `text`; None when the offsets are the same."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, None
    offsets: list[int] = []
    for offset, character in enumerate(text):
        offsets.extend([offset] * len(_FOLDING[ord(character)]))
    return folded, offsets
