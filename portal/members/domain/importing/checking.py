"""Checking rows: every value read by the table of fields, each person recognised, every problem with its place and a way out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.ground.ids import new_uid
from portal.members.domain.fields import BY_NAME, FIELDS, ON_FILE, missing_key_fields
from portal.members.domain.files import out_of_order
from portal.members.domain.identity import UnreadableValue, masked, plain, read_id_number
from portal.members.domain.importing.mapping import UID
from portal.members.models import ImportProblem, ImportRun, MemberFile, StagedRow
from portal.organisations.models import Member, Organisation
from portal.shared.sheets import FORMULA, NUMBER, Row, original
from portal.shared.slugs import pinyin_key

_PARTY_LIKE = re.compile(r"[一-鿿·]")


@dataclasses.dataclass
class Read:
    """A row as read: values by field, what was asked to stay (covered cells), and what is wrong with it."""

    number: int
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    typed: dict[str, str] = dataclasses.field(default_factory=dict)
    kept: set[str] = dataclasses.field(default_factory=set)
    uid: uuid.UUID | None = None
    problems: list[ImportProblem] = dataclasses.field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        return any(problem.is_error for problem in self.problems)


class Checker:
    """Checks the rows of one run, batch by batch. `allowed` are the organisations by code in which the person may import."""

    def __init__(self, run: ImportRun, allowed_paths: list[str] | None, *, since_1904: bool) -> None:
        self.run = run
        self.columns = {int(place): name for place, name in run.mapping.items()}
        self.place_of = {name: place for place, name in self.columns.items()}
        self.allowed_paths = allowed_paths
        self.since_1904 = since_1904
        self.seen_ids: dict[str, int] = {}
        self.seen_people: dict[tuple[str, dt.date], tuple[int, str]] = {}
        self.seen_uids: dict[uuid.UUID, int] = {}
        for number, uid, lookup, name, born_on in StagedRow.objects.filter(run=run).values_list(
            "number", "uid", "id_lookup", "name", "born_on"
        ):
            self._remember(number, uid, lookup, name, born_on)

    @functools.cached_property
    def organisations(self) -> dict[str, Organisation]:
        """All organisations by code; whether one may be used is asked apart, so that the sentence can say why not."""
        return {row.code: row for row in Organisation.objects.all()}

    def _remember(self, number: int, uid: uuid.UUID, lookup: str, name: str, born_on: dt.date | None) -> None:
        self.seen_uids[uid] = number
        if lookup:
            self.seen_ids[lookup] = number
        if born_on:
            self.seen_people.setdefault((name, born_on), (number, lookup))

    def may_use(self, path: str) -> bool:
        """Whether the person may import into the organisation at this path."""
        return self.allowed_paths is None or any(path.startswith(top) for top in self.allowed_paths)

    # --- one row --------------------------------------------------------------------------------------------------------
    def read(self, row: Row) -> Read:
        """The values of a row, each problem beside its column."""
        number, cells = row
        found = Read(number)
        for place, name in self.columns.items():
            raw = cells[place] if place < len(cells) else ""
            if not raw:
                continue
            if raw == FORMULA:
                self._problem(found, name, "", _("这一格是公式或出错的值；请复制整列，“选择性粘贴”为数值后再导入。"))
                continue
            if name == UID:
                self._read_uid(found, raw)
            else:
                self._read_value(found, name, original(raw))
        self._within(found)
        return found

    def _read_uid(self, found: Read, raw: str) -> None:
        try:
            found.uid = uuid.UUID(plain(raw))
        except ValueError:
            self._problem(found, UID, raw, _("档案编号被改动过；请从导出的表格里原样复制，新增人员留空。"))

    def _read_value(self, found: Read, name: str, raw: str) -> None:
        field = BY_NAME[name]
        if raw.startswith(NUMBER):
            raw = raw.removeprefix(NUMBER)
            if name == "id_number":
                advice = _("身份证号被表格软件当成了数字，末几位已经丢失；请把这一列设为文本格式后重新填写。")
                self._problem(found, name, raw, advice)
                return
        typed = plain(raw)
        found.typed[name] = raw
        if field.is_hidden and "*" in typed:
            found.kept.add(name)
            found.values[name] = typed
            return
        if name == "organisation":
            found.values[name] = self._organisation(found, typed)
            return
        if name == "name":
            typed = typed.replace(" ", "") if _PARTY_LIKE.search(typed) else typed
        try:
            value = field.read(typed, since_1904=self.since_1904)
        except UnreadableValue as refusal:
            self._problem(found, name, typed, str(refusal))
            return
        if value not in ("", None):
            found.values[name] = value

    def _organisation(self, found: Read, code: str) -> Organisation | None:
        unit = self.organisations.get(code)
        if unit is None or not self.may_use(unit.path):
            self._problem(found, "organisation", code, _("没有这个组织编码，或不在您的管理范围；请对照组织目录改正。"))
            return None
        if unit.ended_on is not None:
            self._problem(found, "organisation", code, _("这个组织已撤销，不能再转入党员；请改为现在的组织编码。"))
            return None
        return unit

    def _within(self, found: Read) -> None:
        """What the values of one row say about each other."""
        values = found.values
        for name in ("name", "organisation"):
            if not values.get(name) and not any(p.column == self._heading(name) for p in found.problems):
                self._problem(found, name, "", _("这一格不能空着，请补上。"))
        number = values.get("id_number")
        if number and "id_number" not in found.kept:
            known = read_id_number(number)
            for name, told, advice in (
                ("born_on", known.born_on, _("出生日期与身份证号不一致，请核对其中哪一个录错了。")),
                ("gender", known.gender, _("性别与身份证号不一致，请核对其中哪一个录错了。")),
            ):
                if name in found.kept:
                    continue
                if values.setdefault(name, told) != told:
                    self._problem(found, name, BY_NAME[name].shown(values[name]), advice)

        def day(name: str) -> Any:
            return None if name in found.kept else values.get(name)

        for name, advice in out_of_order(day):
            self._problem(found, name, BY_NAME[name].shown(values[name]), advice)

    def _heading(self, name: str) -> str:
        place = self.place_of.get(name)
        if place is None or place >= len(self.run.headers):
            return ""
        return str(self.run.headers[place])

    def _problem(self, found: Read, name: str, value: Any, advice: str, *, is_error: bool = True) -> None:
        text = str(value)
        if name in BY_NAME and BY_NAME[name].is_hidden:
            text = masked(text, head=3, tail=2)
        found.problems.append(
            ImportProblem(
                run=self.run,
                row=found.number,
                column=self._heading(name),
                value=text[:120],
                advice=advice[:300],
                is_error=is_error,
            )
        )

    # --- a batch --------------------------------------------------------------------------------------------------------
    def check(self, rows: Sequence[Row]) -> tuple[list[StagedRow], list[ImportProblem]]:
        """The rows to be brought in, and all problems. Three queries."""
        found = [self.read(row) for row in rows]
        known = _Known(found)
        staged = []
        for read in found:
            member = None if read.is_bad else self._recognise(read, known)
            if not read.is_bad:
                row = self._staged(read, member)
                if row is not None:
                    self._remember(row.number, row.uid, row.id_lookup, row.name, row.born_on)
                    staged.append(row)
        return staged, [problem for read in found for problem in read.problems]

    def _recognise(self, read: Read, known: _Known) -> Member | None:
        """The member that a row is about: by file number, by ID number, by name and birth date. Adds problems."""
        values = read.values
        lookup = "" if "id_number" in read.kept else BY_NAME["id_number"].hashed(values.get("id_number", ""))
        born_on = None if "born_on" in read.kept else values.get("born_on")
        self._twice(read, lookup, born_on)
        by_id = known.by_lookup.get(lookup) if lookup else None
        if read.uid is not None:
            member = known.by_uid.get(read.uid)
            if member is None or not self.may_use(member.organisation.path):
                self._problem(read, UID, read.uid, _("没有这个档案编号，或不在您的管理范围；新增人员请留空。"))
                return None
            if by_id is not None and by_id.pk != member.pk:
                self._problem(
                    read, "id_number", values["id_number"], _("这个身份证号属于另一份档案，请核对是不是填错了人。")
                )
            return member
        if by_id is not None:
            if not self.may_use(by_id.organisation.path):
                advice = _("此人已有档案且不在您的管理范围；请由上级办理组织关系转接，不要重复建档。")
                self._problem(read, "id_number", values["id_number"], advice)
                return None
            if plain(by_id.name).replace(" ", "") != values["name"].replace(" ", ""):
                advice = _("这个身份证号的档案姓名不同；如果改了名，请先在档案中更正姓名。")
                self._problem(read, "name", values["name"], advice)
            return by_id
        return self._same_name(read, known, lookup, born_on)

    def _same_name(self, read: Read, known: _Known, lookup: str, born_on: dt.date | None) -> Member | None:
        if born_on is None:
            return None
        twins = [
            member
            for member in known.by_person.get((read.values["name"], born_on), [])
            if self.may_use(member.organisation.path)
        ]
        if not twins:
            return None
        if len(twins) == 1 and not (lookup and twins[0].file.id_lookup):
            return twins[0]
        advice = _("已有同名同出生日期的党员；如果是同一个人请填对身份证号，不是同一个人可以不理会这条提示。")
        self._problem(read, "name", read.values["name"], advice, is_error=not lookup)
        return None

    def _twice(self, read: Read, lookup: str, born_on: dt.date | None) -> None:
        """The same person in two rows of the file."""
        if read.uid is not None and read.uid in self.seen_uids:
            advice = _("与第 %(row)s 行是同一份档案，请删去一行。") % {"row": self.seen_uids[read.uid]}
            self._problem(read, UID, read.uid, advice)
        elif lookup and lookup in self.seen_ids:
            advice = _("与第 %(row)s 行的身份证号相同，请删去一行或改正号码。") % {"row": self.seen_ids[lookup]}
            self._problem(read, "id_number", read.values["id_number"], advice)
        elif born_on and (twin := self.seen_people.get((read.values["name"], born_on))):
            sure = bool(lookup and twin[1])
            advice = _("与第 %(row)s 行同名同出生日期；是同一个人请删去一行，不是请两行都填身份证号。") % {
                "row": twin[0]
            }
            self._problem(read, "name", read.values["name"], advice, is_error=not sure)

    def _staged(self, read: Read, member: Member | None) -> StagedRow | None:
        """The row as it will be written."""
        row = StagedRow(run=self.run, number=read.number)
        changed: dict[str, Any] = {}
        for field in FIELDS:
            now = field.value_of(member) if member is not None else (None if field.kind.value == "date" else "")
            value = read.values.get(field.name, now)
            if field.name in read.kept:
                if member is None or value != field.covered(now):
                    self._problem(
                        read, field.name, value, _("带 * 的内容不能新填；请填完整的内容，或原样留着导出时的样子。")
                    )
                    return None
                value = now
            elif now not in ("", None) and read.typed.get(field.name) == field.shown(now):
                value = now  # word for word what the file says, in whatever width it was once written
            if field.name == "stage" and not value:
                value = Member.Stage.FULL
            if value != now:
                changed[field.name] = str(now or "") if field.name in ("name", "stage", "joined_on") else ""
                if field.name == "organisation" and member is not None:
                    changed[field.name] = str(member.organisation_id)
            setattr(row, field.name, value if value is not None or field.kind.value == "date" else "")
        row.id_lookup = BY_NAME["id_number"].hashed(row.id_number)
        row.phone_lookup = BY_NAME["phone"].hashed(row.phone)
        row.pinyin = pinyin_key(row.name)[:200]
        row.changed = changed
        if member is None:
            row.uid, row.act = new_uid(), StagedRow.Act.NEW
        else:
            row.uid, row.member = member.uid, member
            row.act = StagedRow.Act.CHANGE if changed else StagedRow.Act.SAME
            row.seen_at = member.file.changed_at
            if not changed:
                for field in ON_FILE:  # nothing is written from it: it holds no copy of anything sensitive
                    setattr(row, field.name, None if field.kind.value == "date" else "")
        if row.act != StagedRow.Act.SAME and (names := missing_key_fields(row.stage, lambda name: getattr(row, name))):
            labels = "、".join(str(BY_NAME[name].label) for name in names)
            advice = _("缺少：%(names)s。可以先导入，之后会列入本单位管理员的待办。") % {"names": labels}
            self._problem(read, "name", row.name, advice, is_error=False)
        return row


class _Known:
    """The members that a batch of rows may be about."""

    def __init__(self, found: Iterable[Read]) -> None:
        good = [read for read in found if not read.is_bad]
        uids = {read.uid for read in good if read.uid is not None}
        lookups = {
            BY_NAME["id_number"].hashed(read.values["id_number"])
            for read in good
            if read.values.get("id_number") and "id_number" not in read.kept
        }
        self.by_uid: dict[uuid.UUID, Member] = {}
        self.by_lookup: dict[str, Member] = {}
        self.by_person: dict[tuple[str, dt.date], list[Member]] = {}
        self._load(Q(uid__in=uids) if uids else None, Q(file__id_lookup__in=lookups) if lookups else None)
        self._load_people(good)

    def _load(self, *conditions: Q | None) -> list[Member]:
        found = []
        for condition in filter(None, conditions):
            for member in Member.objects.filter(condition).select_related("organisation", "file"):
                if getattr(member, "file", None) is None:
                    member.file = MemberFile(member=member)
                self.by_uid[member.uid] = member
                if member.file.id_lookup:
                    self.by_lookup[member.file.id_lookup] = member
                found.append(member)
        return found

    def _load_people(self, good: list[Read]) -> None:
        """Those of the same name and birth date as a row that no number has found. Names and days are compared in pairs before
        anything is decrypted: of two thousand names in the one list and as many days in the other, most pairs are strangers."""
        people = {
            (read.values["name"], read.values["born_on"])
            for read in good
            if read.values.get("born_on") and "born_on" not in read.kept and not self._is_found(read)
        }
        if not people:
            return
        names, days = {name for name, _day in people}, {day for _name, day in people}
        rows = Member.objects.filter(name__in=names, file__born_on__in=days)
        twins = [pk for pk, name, day in rows.values_list("pk", "name", "file__born_on") if (name, day) in people]
        for member in self._load(Q(pk__in=twins) if twins else None):
            if member.file.born_on is not None:
                self.by_person.setdefault((member.name, member.file.born_on), []).append(member)

    def _is_found(self, read: Read) -> bool:
        number = "" if "id_number" in read.kept else read.values.get("id_number", "")
        return read.uid in self.by_uid or BY_NAME["id_number"].hashed(number) in self.by_lookup
