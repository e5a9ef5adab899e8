"""Known items: an article asked for by its law and number, in the ten ways in which people write that."""

from __future__ import annotations

import collections
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import opencc

from search.analysis.references import reference_in_query
from search.contracts import SearchDocument
from search.engines.base import Engine
from search.evaluation.measuring import READER
from search.query.names import SHORT_NAMES
from search.ranking.learned import Learned
from search.service import search

_STATE = "中华人民共和国"
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]$")
_FULLWIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def forms(title: str, label: str, traditional: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """The ways to ask for a place, each with its name; a title that has no short name or no state before it lacks those."""
    reference = reference_in_query(label)
    if reference is None:
        return
    number = reference.article.removeprefix("art").split("-")[0]
    has_sub = "-" in reference.article
    short = title.removeprefix(_STATE)
    yield "full title", f"{title}{label}"
    if short != title:
        yield "without the state's name", f"{short}{label}"
    yield "in title marks", f"《{title}》{label}"
    yield "with blanks", f" {short} {label} "
    yield "number first", f"{label} {short}"
    yield "traditional characters", traditional(f"{short}{label}")
    if not has_sub:
        yield "arabic digits", f"{short}第{number}条"
        yield "fullwidth digits", f"{short}第{number.translate(_FULLWIDTH)}条"
        yield "without 第", f"{short}{number}条"
    for name, full in SHORT_NAMES.items():
        if full in (title, short):
            yield "short name", f"{name}{label}"


def measure_known_items(
    engine: Engine, documents: Sequence[SearchDocument], many: int = 500, seed: int = 20260301
) -> dict[str, Any]:
    """Draw articles and ask for each in all ways: how often it comes first, by way and over all; where the words fit several
    laws (a title without its bracket), how often it is among the first three."""
    numbered = [document for document in documents if document.reference_path]
    sample = random.Random(seed).sample(numbered, min(many, len(numbered)))  # noqa: S311 - a fixed draw
    traditional = opencc.OpenCC("s2t").convert
    titles = {document.title for document in documents}
    meanings = collections.Counter(_BRACKETS.sub("", title).removeprefix(_STATE) for title in titles)
    first: dict[str, list[bool]] = {}
    among_three: list[bool] = []
    without = 0
    wrong: list[str] = []
    for document in sample:
        ways = list(forms(document.title, document.label, traditional))
        bare = _BRACKETS.sub("", document.title).removeprefix(_STATE)
        if bare != document.title.removeprefix(_STATE):
            ways.append(("bracket dropped", f"{bare}{document.label}"))
        for name, query in ways:
            hits = search(query, READER, engine=engine, learned=Learned(), per_page=3).hits
            without += not hits
            several = name == "bracket dropped" and meanings[bare] > 1
            found = document.uid in [hit.uid for hit in hits[: 3 if several else 1]]
            if several:
                among_three.append(found)
            else:
                first.setdefault(name, []).append(found)
            if not found and len(wrong) < 20:
                wrong.append(query)
    return _summary(first, among_three, without, wrong)


def _summary(
    first: Mapping[str, list[bool]], among_three: list[bool], without: int, wrong: list[str]
) -> dict[str, Any]:
    every = [found for ways in first.values() for found in ways]
    return {
        "asked": len(every) + len(among_three),
        "hit_at_1": round(sum(every) / max(1, len(every)), 4),
        "hit_at_1_by_form": {name: round(sum(found) / len(found), 4) for name, found in sorted(first.items())},
        "hit_at_3_where_several_fit": round(sum(among_three) / len(among_three), 4) if among_three else None,
        "without_hits": without,
        "examples_missed": wrong,
    }
