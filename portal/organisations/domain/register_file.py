"""The register as one table: import with a dry run, export of the same columns.

A row is one organisation, known by its code: a new code founds it, a known one is renamed, reclassified, moved or described as
the row says, and left alone where nothing differs. All rows or none.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.ground.audit import audit
from portal.organisations.domain.history import Change
from portal.organisations.domain.refusals import Refused
from portal.organisations.domain.rights import within_paths
from portal.organisations.domain.tree import (
    describe_organisation,
    found_organisation,
    move_organisation,
    reclassify_organisation,
    rename_organisation,
)
from portal.organisations.models import Organisation
from portal.shared.sheets import FORMULA, NUMBER, UnreadableTable, open_table, original, write_csv, write_xlsx

ROWS_AT_MOST = 20_000
_COLUMNS = {
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
}
REQUIRED = ("code", "kind", "name")
_DESCRIPTION = ("address", "contact", "longitude", "latitude", "introduction")
_LENGTHS = {"address": 200, "contact": 100, "introduction": 20_000}


class ImportRefused(Refused):
    """The file as a whole cannot be used."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is wrong with a row, and in which column (its heading, or empty for the row)."""

    row: int
    column: str
    text: str


@dataclasses.dataclass
class Outcome:
    """What an import did, or would do. With problems nothing was written."""

    founded: int = 0
    renamed: int = 0
    reclassified: int = 0
    moved: int = 0
    described: int = 0
    same: int = 0
    problems: list[Problem] = dataclasses.field(default_factory=list)
    written: bool = False

    @property
    def changed(self) -> int:
        """How many things are done."""
        return self.founded + self.renamed + self.reclassified + self.moved + self.described


@dataclasses.dataclass
class _Row:
    number: int
    values: dict[str, Any]


class _Wrong(Refused):
    def __init__(self, column: str, text: str) -> None:
        self.column = column
        super().__init__(text)


class _Undo(Exception):
    """Takes back what a dry run did."""


def import_register(content: bytes, *, paths: Sequence[str] | None, change: Change, dry_run: bool) -> Outcome:
    """Bring the register in line with a table (XLSX or CSV), within the subtrees at `paths` (None: everywhere, and only then
    at the top). What `change` says is the date and document of every rename, move and so on; a new organisation stands from
    its own founding date, at the earliest from its superior's.

    A dry run does everything and takes it back, so that it says exactly what would happen. Raises ImportRefused for a file that
    is no such table. Writes all rows or, with a problem in any, none; sends what each operation sends, and an audit line.
    """
    rows, columns, problems = _read(content)
    outcome = Outcome(problems=problems)
    try:
        with transaction.atomic():
            _Import(rows, columns, list(paths) if paths is not None else None, change, outcome).run()
            if dry_run or outcome.problems:
                raise _Undo
            audit(
                change.by, "organisations.imported", founded=outcome.founded, changed=outcome.changed - outcome.founded
            )
        outcome.written = True
    except _Undo:
        pass
    outcome.problems.sort(key=lambda problem: problem.row)
    return outcome


def export_register(paths: Sequence[str] | None, *, file_format: str = "xlsx") -> bytes:
    """The current organisations of the subtrees at `paths` (None: all), superiors first, as XLSX or CSV."""
    rows = Organisation.objects.current().filter(within_paths(list(paths) if paths is not None else None, "path"))
    codes = dict(Organisation.objects.values_list("path", "code").order_by())
    target = io.BytesIO()
    lines = _lines(rows.iterator(chunk_size=2000), codes)
    if file_format == "csv":
        write_csv(lines, target)
    else:
        write_xlsx(_("党组织"), lines, target, columns=len(_COLUMNS))
    return target.getvalue()


def empty_register(*, file_format: str = "xlsx") -> bytes:
    """The headings alone, and one made-up row that shows how each is filled."""
    target = io.BytesIO()
    lines = [
        [_(heading) for heading in _COLUMNS.values()],
        [
            "D0101",
            "D01",
            str(Organisation.Kind.BRANCH.label),
            _("中共示例公司第一支部委员会"),
            _("第一党支部"),
            "2020-07-01",
            "",
            "",
            "",
            "",
            "",
        ],
    ]
    if file_format == "csv":
        write_csv(lines, target)
    else:
        write_xlsx(_("党组织"), lines, target, columns=len(_COLUMNS))
    return target.getvalue()


def _lines(rows: Iterator[Organisation], codes: dict[str, str]) -> Iterator[list[str]]:
    yield [_(heading) for heading in _COLUMNS.values()]
    for row in rows:
        yield [
            row.code,
            codes.get(row.parent_path, ""),
            str(Organisation.Kind(row.kind).label),
            row.name,
            row.short_name,
            row.founded_on.isoformat() if row.founded_on else "",
            row.address,
            row.contact,
            _plain_number(row.longitude),
            _plain_number(row.latitude),
            row.introduction,
        ]


def _bare(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _plain_number(value: decimal.Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- reading ----------------------------------------------------------------------------------------------------------


def _known_headings() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            known |= {_(heading).lower(): name for name, heading in _COLUMNS.items()}
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


def _read(content: bytes) -> tuple[list[_Row], set[str], list[Problem]]:
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
    if missing := [_(_COLUMNS[name]) for name in REQUIRED if name not in places.values()]:
        raise ImportRefused(_("第一行要有这些列：%(columns)s。") % {"columns": "、".join(missing)})
    problems: list[Problem] = []
    kinds = _kinds()
    rows = []
    for number, cells in lines[1:]:
        row = _Row(number, {})
        for place, name in places.items():
            raw = cells[place] if place < len(cells) else ""
            try:
                row.values[name] = _value(name, raw, kinds)
            except _Wrong as wrong:
                problems.append(Problem(number, _(_COLUMNS[name]), str(wrong)))
                row.values[name] = None
        rows.append(row)
    return rows, set(places.values()), problems


def _value(name: str, raw: str, kinds: dict[str, str]) -> Any:
    if raw == FORMULA:
        raise _Wrong(name, _("这一格是公式，请改成值。"))
    text = original(raw.removeprefix(NUMBER)).strip()
    if name == "kind":
        if text.lower() not in kinds:
            raise _Wrong(name, _("没有“%(kind)s”这一类别。") % {"kind": text[:40]})
        return kinds[text.lower()]
    if name == "founded_on":
        return _day(text)
    if name in ("longitude", "latitude"):
        return _degrees(name, text)
    if len(text) > _LENGTHS.get(name, 120):
        raise _Wrong(name, _("太长，最多 %(n)d 字。") % {"n": _LENGTHS.get(name, 120)})
    if name in REQUIRED and not text:
        raise _Wrong(name, _("不能空着。"))
    return text


def _day(text: str) -> dt.date | None:
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
        raise _Wrong("founded_on", _("日期要写成 2026-07-01 这样。")) from None


def _degrees(name: str, text: str) -> decimal.Decimal | None:
    if not text:
        return None
    limit = 180 if name == "longitude" else 90
    if not re.fullmatch(r"[-+]?\d{1,3}(\.\d{1,17})?", text) or abs(value := decimal.Decimal(text)) > limit:
        raise _Wrong(name, _("要填 −%(n)d 至 %(n)d 之间的度数，如 120.155。") % {"n": limit})
    return value.quantize(decimal.Decimal("0.000001"))


# --- bringing in ------------------------------------------------------------------------------------------------------


class _Import:
    """One pass over the rows, superiors before what stands below them."""

    def __init__(
        self, rows: list[_Row], columns: set[str], paths: list[str] | None, change: Change, outcome: Outcome
    ) -> None:
        self.rows = rows
        self.columns = columns
        self.paths = paths
        self.change = change
        self.outcome = outcome
        scope = Organisation.objects.filter(within_paths(paths, "path"))
        self.own = {row.code: row for row in scope}
        self.codes_by_path = {row.path: row.code for row in self.own.values()}
        self.rows_with_problems = {problem.row for problem in outcome.problems}

    def run(self) -> None:
        """Every row once; a problem does not stop the others, so that all are named."""
        by_code: dict[str, _Row] = {}
        for row in self.rows:
            code = row.values.get("code")
            if code and code in by_code:
                self._problem(row, "code", _("与第 %(n)d 行的编码相同。") % {"n": by_code[code].number})
            elif code:
                by_code[code] = row
        waiting = [row for row in self.rows if row.number not in self.rows_with_problems]
        bad_codes = {row.values.get("code") for row in self.rows if row.number in self.rows_with_problems}
        done: set[str] = set()
        while waiting:
            later = []
            for row in waiting:
                parent = row.values.get("parent") or ""
                if parent in by_code and parent not in done and parent not in self.own:
                    later.append(row)
                    continue
                if not self._bring_in(row):
                    bad_codes.add(row.values["code"])
                done.add(row.values["code"])
            if len(later) == len(waiting):
                for row in later:
                    if row.values["parent"] not in bad_codes:
                        self._problem(row, "parent", _("上级编码绕成了圈。"))
                    else:
                        self._problem(row, "parent", _("上级组织那一行有问题，先改好它。"))
                    bad_codes.add(row.values["code"])
                return
            waiting = later

    def _problem(self, row: _Row, column: str, text: str) -> None:
        self.rows_with_problems.add(row.number)
        self.outcome.problems.append(Problem(row.number, _(_COLUMNS[column]) if column else "", text))

    def _bring_in(self, row: _Row) -> bool:
        try:
            with transaction.atomic():
                known = self.own.get(row.values["code"])
                if known is None:
                    self._found(row)
                else:
                    self._align(row, Organisation.objects.get(pk=known.pk))
        except _Wrong as wrong:
            self._problem(row, wrong.column, str(wrong))
            return False
        except Refused as refusal:
            self._problem(row, "", str(refusal))
            return False
        return True

    def _parent(self, row: _Row) -> Organisation | None:
        code = row.values.get("parent") or ""
        if not code:
            return None
        found = self.own.get(code)
        if found is None:
            raise _Wrong("parent", _("没有找到上级编码 %(code)s。") % {"code": code[:40]})
        return Organisation.objects.get(pk=found.pk)

    def _found(self, row: _Row) -> None:
        values = row.values
        parent = self._parent(row)
        if parent is None and self.paths is not None:
            raise _Wrong("parent", _("请填写上级编码。"))
        founded_on = values.get("founded_on") or self.change.on
        first = parent.states.order_by("since").values_list("since", flat=True).first() if parent is not None else None
        made = found_organisation(
            code=values["code"],
            name=values["name"],
            short_name=values.get("short_name") or "",
            kind=values["kind"],
            parent=parent,
            founded_on=founded_on,
            stands_from=max(founded_on, first) if first is not None else founded_on,
            document_number=self.change.document_number,
            by=self.change.by,
            note=self.change.note,
            **{name: values[name] for name in _DESCRIPTION if name in self.columns},
        )
        self.own[made.code] = made
        self.outcome.founded += 1

    def _align(self, row: _Row, known: Organisation) -> None:
        values, told = (
            row.values,
            dataclasses.asdict(dataclasses.replace(self.change, by=None)) | {"by": self.change.by},
        )
        before = self.outcome.changed
        if known.ended_on is not None:
            raise _Wrong("code", _("“%(name)s”已经撤销。") % {"name": known.name})
        founded_on = values.get("founded_on")
        if founded_on is not None and known.founded_on is not None and founded_on != known.founded_on:
            raise _Wrong("founded_on", _("登记的成立日期是 %(day)s，导入不能改。") % {"day": known.founded_on})
        short_name = values.get("short_name") if "short_name" in self.columns else known.short_name
        if (values["name"], short_name or "") != (known.name.strip(), known.short_name.strip()):
            known = rename_organisation(known, name=values["name"], short_name=short_name or "", **told)
            self.outcome.renamed += 1
        if values["kind"] != known.kind:
            known = reclassify_organisation(known, kind=values["kind"], **told)
            self.outcome.reclassified += 1
        if "parent" in self.columns and self._stands_elsewhere(row, known):
            parent = self._parent(row)
            if parent is None or known.depth == 1 or known.path in (self.paths or ()):
                raise _Wrong("parent", _("最上级组织不能用导入来移动。"))
            known = move_organisation(known, parent, **told)
            self.outcome.moved += 1
        described = {
            name: values[name]
            for name in _DESCRIPTION
            if name in self.columns and values[name] != _bare(getattr(known, name))
        }
        if described:
            describe_organisation(known, by=self.change.by, **described)
            self.outcome.described += 1
        self.own[known.code] = known
        self.outcome.same += self.outcome.changed == before

    def _stands_elsewhere(self, row: _Row, known: Organisation) -> bool:
        """Whether the row names another superior. The own top keeps the one that its administrator cannot see."""
        code = row.values.get("parent") or ""
        parent = known.get_parent()
        return code != (parent.code if parent is not None else "")
