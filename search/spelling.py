"""Did you mean: a short query that stands nowhere as it is, but whose sound stands in a public title (档费 → 党费)."""

from __future__ import annotations

import collections
import dataclasses
import re

from pypinyin import Style, lazy_pinyin

from portal.ground.suppliers import PUBLIC_TOKEN
from search.analysis import grams
from search.analysis.normalize import fold
from search.analysis.pinyin import suggest_key
from search.engines.base import Engine
from search.query.plan import Plan, Restriction
from search.query.planner import plan_query

LONGEST = 10
"""Characters; on longer queries false alarms outweigh what is repaired (14 against 3 in a hundred)."""
_HAN_ONLY = re.compile(rf"[{grams.HAN}]{{2,{LONGEST}}}")
_TITLES = 40
_PARTS = 2
_MOST_TRIED = 8
"""Spellings of one query that are looked for in texts, at most: each costs a request."""


def did_you_mean(engine: Engine, text: str, plan: Plan) -> str:
    """The words of the same sound that were probably meant; empty when there are none or the query stands somewhere as it is.

    Candidates come from titles that everybody may see, never from others, so nothing can be learnt from them.
    Raises SearchUnavailable.
    """
    typed = fold(text)
    if not _HAN_ONLY.fullmatch(typed) or PUBLIC_TOKEN not in plan.restriction.tokens:
        return ""
    if _stands(engine, typed, plan.restriction):
        return ""
    open_to_all = Restriction(frozenset({PUBLIC_TOKEN}), 0, plan.restriction.on, kinds_off=plan.restriction.kinds_off)
    sound = lazy_pinyin(typed, style=Style.NORMAL)
    found: collections.Counter[str] = collections.Counter()
    for row in engine.suggest(suggest_key("".join(sound)), open_to_all, _TITLES):
        found.update(_alike(fold(str(row.data["title"])), typed, sound))
    if not found:
        return _repaired(engine, typed, sound, open_to_all)
    return min(found, key=lambda candidate: (-found[candidate], -_shared(candidate, typed), candidate))


def _repaired(engine: Engine, typed: str, sound: list[str], open_to_all: Restriction) -> str:
    """The query with a part of it, the longest first, written as in a public title, if the whole then stands in a row that
    everybody may see: 当费收缴, where titles say 党费 and a text says 党费收缴."""
    tried: set[str] = set()
    for length in range(len(typed) - 1, 1, -1):
        for start in range(len(typed) - length + 1):
            part, end = typed[start : start + length], start + length
            found: collections.Counter[str] = collections.Counter()
            for row in engine.suggest(suggest_key("".join(sound[start:end])), open_to_all, _TITLES):
                found.update(_alike(fold(str(row.data["title"])), part, sound[start:end]))
            for candidate, _ in found.most_common(_PARTS):
                whole = typed[:start] + candidate + typed[end:]
                if whole not in tried and len(tried) < _MOST_TRIED:
                    tried.add(whole)
                    if _stands(engine, whole, open_to_all):
                        return whole
    return ""


def _stands(engine: Engine, typed: str, restriction: Restriction) -> bool:
    plan = plan_query(typed, restriction)
    phrase = dataclasses.replace(plan, phrases=(tuple(grams.positions(typed)),))
    return engine.counts(phrase, [], types=False).total > 0


def _alike(title: str, typed: str, sound: list[str]) -> set[str]:
    """The parts of a title that sound like what was typed and are written otherwise."""
    length = len(typed)
    parts = {title[start : start + length] for start in range(len(title) - length + 1)}
    return {
        part
        for part in parts
        if part != typed and _HAN_ONLY.fullmatch(part) and lazy_pinyin(part, style=Style.NORMAL) == sound
    }


def _shared(candidate: str, typed: str) -> int:
    return sum(one == other for one, other in zip(candidate, typed, strict=True))
