"""Tokens for both engines: single Han characters and pairs of them; Latin letters and digits as whole runs.

No dictionary: every word is found whole and in parts, and nothing has to be indexed again when vocabulary changes.
"""

from __future__ import annotations

import operator
import re
from array import array

from search.analysis.normalize import fold, must_fold

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+)")
_WORD = re.compile(rf"[^\W_{HAN}]")
_NOT_HAN = re.compile(rf"[^{HAN}]+")
COMMON = frozenset(
    (  # noqa: SIM905 - a list reads better as lines
        "的 人 第 民 和 法 人民 章 国 中 定 共 和国 华 中华 民共 华人 共和 理 行 规 应 当 关 有 应当 以 条 规定 管 者 或"
    ).split()
)
"""Tokens that stand in more than two of five rows of a library of laws. Where a query has others, asking for these costs a third
of the time and brings nothing (measured: .003 MRR, nothing in recall)."""
MAX_WORD = 64
"""Longer runs of letters are cut: they are keys or noise, and an engine refuses endless terms."""


def index_tokens(text: str) -> list[str]:
    """Single characters and pairs of each Han run, and whole Latin or digit runs, of the folded text."""
    tokens: list[str] = []
    for han, word in _RUN.findall(fold(text)):
        if han:
            tokens.extend(han)
            tokens.extend(map(operator.add, han, han[1:]))
        else:
            tokens.append(word[:MAX_WORD])
    return tokens


def positions(text: str) -> list[str]:
    """Single characters and whole Latin runs, in order: what quoted phrases are matched against."""
    tokens: list[str] = []
    for han, word in _RUN.findall(fold(text)):
        if han:
            tokens.extend(han)
        else:
            tokens.append(word[:MAX_WORD])
    return tokens


def index_strings(text: str) -> tuple[str, str]:
    """The tokens that `positions` gives, and the pairs that `index_tokens` gives beside them, each joined by blanks: both in one
    pass, for indexing."""
    if must_fold(text):
        text = fold(text)
    if _WORD.search(text) is None:
        spread = _NOT_HAN.sub("\n", text).strip("\n")
        in_order = " ".join(spread.replace("\n", ""))
    else:
        found = _RUN.findall(text)
        spread = "\n".join([han for han, _ in found if han])
        in_order = " ".join([" ".join(han) if han else word[:MAX_WORD] for han, word in found])
    return in_order, _spread_pairs(spread)


def _spread_pairs(spread: str) -> str:
    """The pairs of neighbours within each line, joined by blanks. All lines are paired at once, characters as numbers; then
    the pairs with a line's end in them are cut out: "ab\\ncd" gives "ab b? ?c cd", cut at "? ?"."""
    codes = array("I", spread.encode("utf-32-le", "replace"))
    if len(codes) < 2:
        return ""
    paired = array("I", [32]) * (3 * (len(codes) - 1))
    paired[0::3] = codes[:-1]
    paired[1::3] = codes[1:]
    whole = paired.tobytes().decode("utf-32-le")
    if "\n" not in spread:
        return whole[:-1]
    first, *between, last = whole.split("\n \n")
    return "".join([first[:-1], *[part[2:-1] for part in between], last[2:]]).strip()


def runs(folded: str) -> list[tuple[str, bool]]:
    """The runs of already folded text, each with whether it is Han."""
    return [(han or word[:MAX_WORD], bool(han)) for han, word in _RUN.findall(folded)]


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring characters of a Han run."""
    return list(map(operator.add, run, run[1:]))
