"""Rules of the register as data: codes, terms and sizes, each with its source and its days. They warn and propose, never block.

Read from `rules.toml` beside this package, or from the file that the setting ORGANISATION_RULES names.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from portal.ground.clock import today
from portal.organisations.models import Organisation

SHIPPED = Path(__file__).resolve().parents[1] / "rules.toml"
MEASURES = ("full_members", "members", "subtree_members", "leaders", "secretaries")


class BrokenRules(ValueError):
    """The file of rules cannot be used; the message says where."""


@dataclasses.dataclass(frozen=True)
class TermRule:
    """How many years a term lasts."""

    kinds: frozenset[str]
    years: int
    source: str
    first: dt.date
    last: dt.date | None
    verified: bool


@dataclasses.dataclass(frozen=True)
class Limit:
    """A size that should be kept: `measure` of an organisation at least or at most so much, counted only from
    `when_full_members` full members."""

    key: str
    kinds: frozenset[str]
    measure: str
    at_least: int | None
    at_most: int | None
    when_full_members: int
    text: str
    text_en: str
    source: str
    first: dt.date
    last: dt.date | None
    verified: bool


@dataclasses.dataclass(frozen=True)
class Rules:
    """Everything a file of rules says."""

    code_patterns: Mapping[str, str]
    root_code: str
    league_root_code: str
    terms: tuple[TermRule, ...]
    limits: tuple[Limit, ...]
    reminder_months: int
    reminder_source: str


@dataclasses.dataclass(frozen=True)
class Warning:
    """A rule that an organisation does not keep, in words, with its source."""

    key: str
    text: str
    source: str
    verified: bool


@dataclasses.dataclass(frozen=True)
class Sizes:
    """What is measured of one organisation: people directly in it, below it, and holding posts in it."""

    full_members: int = 0
    members: int = 0
    subtree_members: int = 0
    leaders: int = 0
    secretaries: int = 0


def rules() -> Rules:
    """The rules in force for this installation. Raises BrokenRules."""
    return _read(settings.ORGANISATION_RULES or str(SHIPPED))


@functools.lru_cache(maxsize=8)
def _read(path: str) -> Rules:
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return Rules(
            code_patterns=_patterns(data["code"]["pattern"]),
            root_code=_pattern(data["code"]["root"]),
            league_root_code=_pattern(data["code"]["league_root"]),
            terms=tuple(_term(row) for row in data.get("term", [])),
            limits=tuple(_limit(row) for row in data.get("limit", [])),
            reminder_months=int(data["reminder"]["months_before"]),
            reminder_source=str(data["reminder"]["source"]),
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BrokenRules(f"{path}: {type(error).__name__}: {error}") from error


def _pattern(text: str) -> str:
    first, second = (text.format(parent="P", number=number) for number in (1, 2))
    if first == second:
        raise ValueError(f"code pattern {text!r} has no {{number}}")
    return text


def _patterns(found: dict[str, str]) -> dict[str, str]:
    if missing := set(Organisation.Kind.values) - set(found):
        raise ValueError(f"no code pattern for {', '.join(sorted(missing))}")
    return {kind: _pattern(text) for kind, text in found.items()}


def _kinds(row: dict[str, Any]) -> frozenset[str]:
    if unknown := set(row["kinds"]) - set(Organisation.Kind.values):
        raise ValueError(f"no such kind: {', '.join(sorted(unknown))}")
    return frozenset(row["kinds"])


def _term(row: dict[str, Any]) -> TermRule:
    years = int(row["years"])
    if not 1 <= years <= 10:
        raise ValueError(f"a term of {years} years")
    return TermRule(_kinds(row), years, row["source"], row["from"], row.get("to"), bool(row["verified"]))


def _limit(row: dict[str, Any]) -> Limit:
    if row["measure"] not in MEASURES or ("at_least" in row) == ("at_most" in row):
        raise ValueError(f"limit {row['key']}: one of at_least and at_most, of {', '.join(MEASURES)}")
    limit = Limit(
        key=row["key"],
        kinds=_kinds(row),
        measure=row["measure"],
        at_least=row.get("at_least"),
        at_most=row.get("at_most"),
        when_full_members=int(row.get("when_full_members", 0)),
        text=row["text"],
        text_en=row["text_en"],
        source=row["source"],
        first=row["from"],
        last=row.get("to"),
        verified=bool(row["verified"]),
    )
    limit.text.format(value=1, limit=1)
    limit.text_en.format(value=1, limit=1)
    return limit


def term_rule(kind: str, day: dt.date | None = None) -> TermRule | None:
    """How long a term of this kind of organisation lasts on `day`; None when it has none."""
    when = day or today()
    found = [rule for rule in rules().terms if kind in rule.kinds and _holds(rule, when)]
    return max(found, key=lambda rule: rule.first, default=None)


def warnings_for(kind: str, sizes: Sizes, day: dt.date | None = None) -> list[Warning]:
    """The size rules that an organisation of this kind and size does not keep on `day`."""
    when = day or today()
    in_english = (get_language() or "").startswith("en")
    found = []
    for limit in rules().limits:
        if kind not in limit.kinds or not _holds(limit, when) or sizes.full_members < limit.when_full_members:
            continue
        value = getattr(sizes, limit.measure)
        bound = limit.at_least if limit.at_least is not None else limit.at_most
        if (limit.at_least is not None and value < limit.at_least) or (
            limit.at_most is not None and value > limit.at_most
        ):
            text = (limit.text_en if in_english else limit.text).format(value=value, limit=bound)
            found.append(Warning(limit.key, text, limit.source, limit.verified))
    return found


def _holds(rule: TermRule | Limit, day: dt.date) -> bool:
    return rule.first <= day and (rule.last is None or day <= rule.last)
