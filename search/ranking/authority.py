"""From level and citations to the number that multiplies a score."""

from __future__ import annotations

import collections
import functools
import math
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

LEVEL_STEP = 0.15
CITATION_STEP = 0.1
"""Chosen on the training questions of `benchmarks/search_eval.py`; anything from half to double costs about a point."""
_STATE = "中华人民共和国"
_TITLE = re.compile(r"《([^《》]{2,80})》")
_DATED = re.compile(r"\s*[(（][^()（）]*(?:年|\d)[^()（）]*[)）]$")


@functools.cache
def _rules() -> tuple[tuple[int, re.Pattern[str]], ...]:
    table = tomllib.loads((Path(__file__).parent / "levels.toml").read_text(encoding="utf-8"))
    return tuple((int(rule["level"]), re.compile(rule["title"])) for rule in table["rule"])


def level_of(title: str) -> int:
    """The level of a document by its title, 0 to 4: 宪法 and laws above regulations, above rules and notices."""
    bare = _DATED.sub("", title.strip())
    return next((level for level, pattern in _rules() if pattern.search(bare)), 0)


def authority(level: int, citations: int = 0) -> float:
    """The multiplier of a document of a level that so many other documents' articles cite."""
    return (1 + LEVEL_STEP * level) * (1 + CITATION_STEP * math.log1p(citations))


def citation_counts(titles: Iterable[str], texts: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many of `texts` (title of the document, text) name each of `titles` in 《》, counting no document's own texts.

    The state's name before a title may be left out.
    """
    known = {bare_title(title): title for title in titles}
    counts: collections.Counter[str] = collections.Counter()
    for own, text in texts:
        for named in {known.get(bare_title(name)) for name in _TITLE.findall(text)}:
            if named is not None and named != own:
                counts[named] += 1
    return dict(counts)


def bare_title(title: str) -> str:
    """A title without the state's name, brackets and date, for comparing."""
    return _DATED.sub("", title.strip().strip("《》〈〉")).removeprefix(_STATE)
