"""From level and citations to the number that multiplies a score."""

from __future__ import annotations

import collections
import functools
import math
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from search.analysis.references import NameTable, find_references

LEVEL_STEP = 0.15
CITATION_STEP = 0.1
PLACE_STEP = 0.05
"""Chosen on the training questions of `manage.py search_eval`; anything from half to double costs about a point."""
MOST_TEXT = 20_000
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


def authority(level: int, citations: int = 0, place_citations: int = 0) -> float:
    """The multiplier of a place in a document of a level: so many articles of other documents cite the document, and so many
    articles (of any document) the place itself."""
    of_document = (1 + LEVEL_STEP * level) * (1 + CITATION_STEP * math.log1p(citations))
    return of_document * (1 + PLACE_STEP * math.log1p(place_citations))


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


def place_citation_counts(titles: Iterable[str], texts: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], int]:
    """How many of `texts` (title of the document, path of the place, text) name each place (title, path): 「本法第三条」 in
    its own document, 「《某法》第三条」 in any."""
    names = {**{bare_title(title): title for title in titles}, **{title: title for title in titles}}
    table = NameTable(names)
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for own, path, text in texts:
        named: set[tuple[str, str]] = set()
        for reference in find_references(text[:MOST_TEXT], table):
            if not reference.title:
                continue
            of = own if reference.title.startswith("本") else names.get(bare_title(reference.title))
            if of is not None and (of, reference.article) != (own, path):
                named.add((of, reference.article))
        counts.update(named)
    return dict(counts)


def bare_title(title: str) -> str:
    """A title without the state's name, brackets and date, for comparing."""
    return _DATED.sub("", title.strip().strip("《》〈〉")).removeprefix(_STATE)
