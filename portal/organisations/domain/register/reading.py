"""Reading the table: its headings in both languages, and every cell as the value that it stands for."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import re
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.organisations.domain.refusals import Refused
from portal.organisations.models import Organisation, Post
from portal.shared.sheets import FORMULA, NUMBER, UnreadableTable, open_table, original

ROWS_AT_MOST = 20_000
COLUMNS = {
    "code": gettext_noop("组织编码"),
    "parent": gettext_noop("上级编码"),
    "kind": gettext_noop("类别"),
    "name": gettext_noop("名称"),
    "short_name": gettext_noop("简称"),
    "founded_on": gettext_noop("成立日期"),
    "address": gettext_noop("地址"),
    "contact": gettext_noop("联系方式"),
    "longitude": gettext_noop("经度"),
    "latitude": gettext_noop("纬度"),
    "introduction": gettext_noop("简介"),
    "leaders": gettext_noop("班子成员"),
    "term_since": gettext_noop("本届起始"),
    "term_until": gettext_noop("届满日期"),
}
REQUIRED = ("code", "kind", "name")
DESCRIPTION = ("address", "contact", "longitude", "latitude", "introduction")
_DAYS = ("founded_on", "term_since", "term_until")
_LENGTHS = {"address": 200, "contact": 100, "introduction": 20_000}
_LEADERS_AT_MOST = 100


class ImportRefused(Refused):
    """The file as a whole cannot be used."""


class WrongCell(Refused):
    """A cell, or what it asks for, cannot be: in which column, and why."""

    def __init__(self, column: str, text: str) -> None:
        self.column = column
        super().__init__(text)


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is wrong with a row, and in which column (its heading, or empty for the row)."""

    row: int
    column: str
    text: str


@dataclasses.dataclass(frozen=True)
class Named:
    """A person as a cell names one: the name, and for a namesake the organisation's code and the end of the uid."""

    name: str
    code: str = ""
    tail: str = ""

    def __str__(self) -> str:
        return self.name + (f"@{self.code}" if self.code else "") + (f"#{self.tail}" if self.tail else "")


@dataclasses.dataclass
class Row:
    """A row with the values of its cells; None where a cell could not be understood, and then there is a problem."""

    number: int
    values: dict[str, Any]


@dataclasses.dataclass
class Read:
    """All rows of a table, the columns that it has, and what is wrong with single cells."""

    rows: list[Row]
    columns: set[str]
    problems: list[Problem]


def _known_headings() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            known |= {_(heading).lower(): name for name, heading in COLUMNS.items()}
    return known


def _kinds() -> dict[str, str]:
    known = {kind.value: kind.value for kind in Organisation.Kind}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            known |= {str(kind.label).lower(): kind.value for kind in Organisation.Kind}
    return known | {
        "联合支部": "joint_branch",
        "临时支部": "temporary_branch",
        "支部": "branch",
        "总支": "general_branch",
    }


def _posts() -> dict[str, str]:
    known = {kind.value: kind.value for kind in Post.Kind}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            known |= {str(kind.label).lower(): kind.value for kind in Post.Kind}
    return known


def read(content: bytes) -> Read:
    """The rows of a table (XLSX or CSV). Raises ImportRefused when it is no table of organisations, or too long."""
    try:
        lines = list(open_table(content).rows())
    except UnreadableTable as refusal:
        raise ImportRefused(str(refusal)) from refusal
    if not lines:
        raise ImportRefused(_("表格是空的。"))
    if len(lines) > ROWS_AT_MOST + 1:
        raise ImportRefused(_("表格超过 %(n)d 行，请分开导入。") % {"n": ROWS_AT_MOST})
    known = _known_headings()
    places: dict[int, str] = {}
    for place, heading in enumerate(lines[0][1]):
        name = known.get(original(heading).strip().lower())
        if name is not None and name in places.values():
            raise ImportRefused(_("“%(column)s”一列出现了两次。") % {"column": heading.strip()[:40]})
        if name is not None:
            places[place] = name
    if missing := [_(COLUMNS[name]) for name in REQUIRED if name not in places.values()]:
        raise ImportRefused(_("第一行要有这些列：%(columns)s。") % {"columns": "、".join(missing)})
    problems: list[Problem] = []
    kinds, posts = _kinds(), _posts()
    rows = []
    for number, cells in lines[1:]:
        row = Row(number, {})
        for place, name in places.items():
            raw = cells[place] if place < len(cells) else ""
            try:
                row.values[name] = _value(name, raw, kinds, posts)
            except WrongCell as wrong:
                problems.append(Problem(number, _(COLUMNS[name]), str(wrong)))
                row.values[name] = None
        rows.append(row)
    return Read(rows, set(places.values()), problems)


def _value(name: str, raw: str, kinds: dict[str, str], posts: dict[str, str]) -> Any:
    if raw == FORMULA:
        raise WrongCell(name, _("这一格是公式，请改成值。"))
    text = original(raw.removeprefix(NUMBER)).strip()
    if name == "kind":
        if text.lower() not in kinds:
            raise WrongCell(name, _("没有“%(kind)s”这一类别。") % {"kind": text[:40]})
        return kinds[text.lower()]
    if name in _DAYS:
        return _day(name, text)
    if name == "leaders":
        return _leaders(text, posts)
    if name in ("longitude", "latitude"):
        return _degrees(name, text)
    if len(text) > _LENGTHS.get(name, 120):
        raise WrongCell(name, _("太长，最多 %(n)d 字。") % {"n": _LENGTHS.get(name, 120)})
    if name in REQUIRED and not text:
        raise WrongCell(name, _("不能空着。"))
    return text


def _day(name: str, text: str) -> dt.date | None:
    if not text:
        return None
    if re.fullmatch(r"\d{5}", text):  # the day number of a spreadsheet
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(text))
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text) or re.fullmatch(
        r"(\d{4})(\d\d)(\d\d)", text
    )
    try:
        if match is None:
            raise ValueError(text)
        return dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        raise WrongCell(name, _("日期要写成 2026-07-01 这样。")) from None


def _degrees(name: str, text: str) -> decimal.Decimal | None:
    if not text:
        return None
    limit = 180 if name == "longitude" else 90
    if not re.fullmatch(r"[-+]?\d{1,3}(\.\d{1,17})?", text) or abs(value := decimal.Decimal(text)) > limit:
        raise WrongCell(name, _("要填 −%(n)d 至 %(n)d 之间的度数，如 120.155。") % {"n": limit})
    return value.quantize(decimal.Decimal("0.000001"))


def _leaders(text: str, posts: dict[str, str]) -> list[tuple[Named, str]]:
    """“书记：张三；组织委员：李四、王五@D0102” as persons and their posts."""
    found: list[tuple[Named, str]] = []
    for part in filter(None, (part.strip() for part in re.split(r"[;；\n]", text))):
        label, colon, names = part.replace("：", ":").partition(":")
        kind = posts.get(label.strip().lower())
        people = [word.strip() for word in re.split(r"[,，、]", names) if word.strip()]
        if not colon or kind is None or not people:
            raise WrongCell(
                "leaders", _("“%(part)s”不清楚；写成“书记：张三；组织委员：李四、王五”。") % {"part": part[:40]}
            )
        found += [(_named(word), kind) for word in people]
    if len(found) > _LEADERS_AT_MOST or len(set(found)) != len(found):
        raise WrongCell("leaders", _("同一个人的同一职务写了两次，或者人数太多。"))
    return found


def _named(word: str) -> Named:
    name, _at, where = word.partition("@")
    code, _hash, tail = where.partition("#")
    return Named(name.strip(), code.strip(), tail.strip())
