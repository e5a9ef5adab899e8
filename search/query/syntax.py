"""What people type beside words: "quotes", -minus, field:value, numbers of documents. Whatever is not understood is words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping

_QUOTED = r'"[^"]{1,200}"|“[^”]{1,200}”|「[^」]{1,200}」|『[^』]{1,200}』'
_PHRASE = re.compile(_QUOTED)
_MINUS = re.compile(rf"(?<!\S)[-\uff0d−](?P<what>{_QUOTED}|[^\s\-\uff0d−][^\s]{{0,100}})")
_FIELD = re.compile(rf"(?<!\S)(?P<name>[^\W\d_]\w{{0,30}})[:：](?P<value>{_QUOTED}|[^\s:：]{{1,100}})(?=\s|$)")
_NUMBERED = re.compile(
    r"[\u4e00-\u9fff]{1,12}\s*[〔\[［(（【]\s*(?:19|20)[0-9]{2}\s*[〕\]］)）】]\s*(?:第\s*)?[0-9]{1,5}\s*号"
)
_DAY = re.compile(r"((?:19|20)[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$")
_MARKS = '"“”「」『』'
AS_OF = frozenset({"截至", "日期", "asof", "on"})
"""Names of the field that asks for what held at a date."""
MOST = 8
"""Phrases, exclusions and fields that are looked at, each."""


@dataclasses.dataclass(frozen=True)
class Typed:
    """A query taken apart. `words` is what ranks (phrases included), `phrases` must stand in the text, `excluded` must not,
    `numbers` are numbers of documents (中办发〔2019〕34号), `fields` are pairs of key and value, `as_of` a date asked for."""

    words: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    as_of: dt.date | None = None

    @property
    def has_bare_words(self) -> bool:
        """Whether there is more than what stands in quotation marks."""
        return bool(re.search(r"\w", _PHRASE.sub(" ", self.words)))


def parse(text: str, names: Mapping[str, str]) -> Typed:
    """Take a typed text apart. `names` gives the key of each field name that is known, in lower case; others are words. A query
    of nothing but fields has their values as words. Never raises."""
    excluded = [_bare(match["what"]) for match in _MINUS.finditer(text)][:MOST]
    rest = _MINUS.sub(" ", text)
    fields: list[tuple[str, str]] = []
    as_of: dt.date | None = None
    kept: list[str] = []
    end = 0
    for match in _FIELD.finditer(rest):
        name, value = match["name"].lower(), _bare(match["value"])
        day = day_of(value) if name in AS_OF else None
        if day is not None:
            as_of = day
        elif name in names and len(fields) < MOST:
            fields.append((names[name], value))
        else:
            continue
        kept.append(rest[end : match.start()])
        end = match.end()
    words = " ".join([*kept, rest[end:]]).strip()
    if fields and not re.search(r"\w", words):
        words = " ".join(value for _, value in fields)
    return Typed(
        words=words,
        phrases=tuple(dict.fromkeys(_bare(match[0]) for match in _PHRASE.finditer(words)))[:MOST],
        excluded=tuple(dict.fromkeys(one for one in excluded if re.search(r"\w", one))),
        numbers=tuple(dict.fromkeys(_NUMBERED.findall(words)))[:MOST],
        fields=tuple(dict.fromkeys(fields)),
        as_of=as_of,
    )


def day_in(text: str) -> dt.date | None:
    """The date that a typed text asks for (截至:2019-05-01), or None."""
    return parse(text, {}).as_of


def without_day(text: str) -> str:
    """The typed text without the fields that ask for a date."""
    return _FIELD.sub(lambda match: "" if _asks_for_day(match) else match[0], text).strip()


def _asks_for_day(match: re.Match[str]) -> bool:
    return match["name"].lower() in AS_OF and day_of(_bare(match["value"])) is not None


def day_of(value: str) -> dt.date | None:
    """2019-05-01, 2019/5/1 or 2019年5月1日 as a date; None when it is none."""
    match = _DAY.match(value)
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _bare(value: str) -> str:
    return value.strip(_MARKS)
