"""Tokens for both engines: single Han characters and pairs of them; Latin letters and digits as whole runs.

No dictionary: every word is found whole and in parts, and nothing has to be indexed again when vocabulary changes.
"""

from __future__ import annotations

import operator
import re

from search.analysis.normalize import fold

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+)")
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
    """What `index_tokens` (in another order) and `positions` give, each joined by blanks: both in one pass, for indexing."""
    singles: list[str] = []
    doubles: list[str] = []
    for han, word in _RUN.findall(fold(text)):
        if han:
            singles.append(" ".join(han))
            if len(han) > 1:
                doubles.append(" ".join(map(operator.add, han, han[1:])))
        else:
            singles.append(word[:MAX_WORD])
    in_order = " ".join(singles)
    return f"{in_order} {' '.join(doubles)}" if doubles else in_order, in_order


def runs(folded: str) -> list[tuple[str, bool]]:
    """The runs of already folded text, each with whether it is Han."""
    return [(han or word[:MAX_WORD], bool(han)) for han, word in _RUN.findall(folded)]


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring characters of a Han run."""
    return list(map(operator.add, run, run[1:]))
