"""Bringing the register in line with a table: a row is one organisation, known by its code.

A new code founds it, a known one is renamed, reclassified, moved, described and staffed as the row says, and left alone where
nothing differs. All rows or none.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.organisations.domain.founding import Founding, first_days, found_many, refusals_of
from portal.organisations.domain.history import Change
from portal.organisations.domain.locking import lock_register
from portal.organisations.domain.refusals import Refused
from portal.organisations.domain.register.leaders import Aligned, Leaders, NotOnFile
from portal.organisations.domain.register.reading import COLUMNS, DESCRIPTION, Problem, Read, Row, WrongCell, read
from portal.organisations.domain.rights import within_paths
from portal.organisations.domain.tree import (
    describe_organisation,
    move_organisation,
    reclassify_organisation,
    rename_organisation,
)
from portal.organisations.models import Organisation
from portal.shared.batches import batched

Progress = Callable[[int, str], None]
_STEP = 100


@dataclasses.dataclass
class Outcome:
    """What an import did, or would do. With problems nothing was written; notes are what it left out."""

    founded: int = 0
    renamed: int = 0
    reclassified: int = 0
    moved: int = 0
    described: int = 0
    elected: int = 0
    appointed: int = 0
    relieved: int = 0
    same: int = 0
    problems: list[Problem] = dataclasses.field(default_factory=list)
    notes: list[Problem] = dataclasses.field(default_factory=list)
    written: bool = False

    @property
    def changed(self) -> int:
        """How many things are done."""
        in_place = self.renamed + self.reclassified + self.moved + self.described
        return self.founded + in_place + self.elected + self.appointed + self.relieved


class _Undo(Exception):
    """Takes back what a dry run did."""


def import_register(
    content: bytes,
    *,
    paths: Sequence[str] | None,
    change: Change,
    dry_run: bool,
    progress: Progress = lambda percent, note: None,
) -> Outcome:
    """Bring the register in line with a table (XLSX or CSV), within the subtrees at `paths` (None: everywhere, and only then
    at the top). What `change` says is the date and document of every rename, move and so on; a new organisation stands from
    its own founding date, at the earliest from its superior's; an election is of the day that the row says.

    A dry run does everything and takes it back, so that it says exactly what would happen. Raises ImportRefused for a file that
    is no such table. Writes all rows or, with a problem in any, none; sends what each operation sends, and an audit line.
    Posts of people who are not on file yet are left out with a note: the members come in after their organisations.
    `progress` is told percent and rows.
    """
    table = read(content)
    outcome = Outcome(problems=table.problems)
    try:
        with transaction.atomic():
            _Import(table, list(paths) if paths is not None else None, change, outcome, progress).run()
            if dry_run or outcome.problems:
                raise _Undo
            audit(
                change.by, "organisations.imported", founded=outcome.founded, changed=outcome.changed - outcome.founded
            )
        outcome.written = True
    except _Undo:
        pass
    outcome.problems.sort(key=lambda problem: problem.row)
    outcome.notes.sort(key=lambda problem: problem.row)
    return outcome


class _Import:
    """One pass over the rows, superiors before what stands below them, then the leading bodies."""

    def __init__(
        self, table: Read, paths: list[str] | None, change: Change, outcome: Outcome, progress: Progress
    ) -> None:
        self.rows = table.rows
        self.columns = table.columns
        self.paths = paths
        self.change = change
        self.told: dict[str, Any] = {
            "on": change.on,
            "document_number": change.document_number,
            "by": change.by,
            "note": change.note,
        }
        self.outcome = outcome
        self.progress = progress
        self.done = 0
        self.own = {row.code: row for row in Organisation.objects.filter(within_paths(paths, "path"))}
        self.codes = dict(Organisation.objects.values_list("path", "code").order_by())
        self.bad_rows = {problem.row for problem in outcome.problems}
        self.same: set[int] = set()

    def run(self) -> None:
        """Every row once; a problem does not stop the others, so that all are named."""
        lock_register()
        by_code: dict[str, Row] = {}
        for row in self.rows:
            code = row.values.get("code")
            if code and code in by_code:
                self._problem(row, "code", _("与第 %(n)d 行的编码相同。") % {"n": by_code[code].number})
            elif code:
                by_code[code] = row
        waiting = [row for row in self.rows if row.number not in self.bad_rows]
        bad_codes = {row.values.get("code") for row in self.rows if row.number in self.bad_rows}
        done: set[str] = set()
        while waiting:
            ready: list[Row] = []
            later: list[Row] = []
            for row in waiting:
                parent = row.values.get("parent") or ""
                stands = parent not in by_code or parent in done or parent in self.own
                (ready if stands else later).append(row)
            if not ready:
                for row in later:
                    is_circle = row.values["parent"] not in bad_codes
                    text = _("上级编码绕成了圈。") if is_circle else _("上级组织那一行有问题，先改好它。")
                    self._problem(row, "parent", text)
                    bad_codes.add(row.values["code"])
                break
            known = [row for row in ready if row.values["code"] in self.own]
            self._found([row for row in ready if row.values["code"] not in self.own])
            for row in known:
                self._align(row, self.own[row.values["code"]])
            done |= {row.values["code"] for row in ready if row.number not in self.bad_rows}
            bad_codes |= {row.values["code"] for row in ready if row.number in self.bad_rows}
            waiting = later
        self._bring_in_leaders([row for row in self.rows if row.number not in self.bad_rows])
        self.outcome.same = len(self.same)

    def _problem(self, row: Row, column: str, text: str) -> None:
        self.bad_rows.add(row.number)
        self.outcome.problems.append(Problem(row.number, _(COLUMNS[column]) if column else "", text))

    def _attempt(self, row: Row, act: Callable[[], None]) -> None:
        """Do it in a savepoint; a refusal becomes a problem of the row."""
        try:
            with transaction.atomic():
                act()
        except WrongCell as wrong:
            self._problem(row, wrong.column, str(wrong))
        except Refused as refusal:
            self._problem(row, "", str(refusal))

    def _step(self, rows: int) -> None:
        self.done += rows
        self.progress(5 + 90 * self.done // max(1, len(self.rows)), str(self.done))

    # --- new ones -----------------------------------------------------------------------------------------------------

    def _found(self, rows: list[Row]) -> None:
        planned: list[tuple[Row, Organisation | None]] = []
        for row in rows:
            code = row.values.get("parent") or ""
            if code and code not in self.own:
                self._problem(row, "parent", _("没有找到上级编码 %(code)s。") % {"code": code[:40]})
            elif not code and self.paths is not None:
                self._problem(row, "parent", _("请填写上级编码。"))
            else:
                planned.append((row, self.own.get(code)))
        first = first_days(parent.pk for _row, parent in planned if parent is not None)
        foundings = [self._founding(row, parent, first) for row, parent in planned]
        good: list[Founding] = []
        for (row, _parent), founding, refusal in zip(planned, foundings, refusals_of(foundings), strict=True):
            if refusal is not None:
                self._problem(row, "", str(refusal))
            else:
                good.append(founding)
        for part in batched(good, _STEP):
            for made in found_many(part):
                self.own[made.code] = made
            self.outcome.founded += len(part)
            self._step(len(part))

    def _founding(self, row: Row, parent: Organisation | None, first: dict[int, dt.date]) -> Founding:
        values = row.values
        change = dataclasses.replace(self.change, on=values.get("founded_on") or self.change.on)
        return Founding(
            values["code"],
            values["name"],
            values["kind"],
            parent,
            change,
            values.get("short_name") or "",
            stands_from=first.get(parent.pk) if parent is not None else None,
            fields={name: values[name] for name in DESCRIPTION if name in self.columns},
        )

    # --- known ones ---------------------------------------------------------------------------------------------------

    def _align(self, row: Row, known: Organisation) -> None:
        if self._fits(row, known):
            self.same.add(row.number)
        else:
            self._attempt(row, lambda: self._change(row, Organisation.objects.get(pk=known.pk)))
        self._step(1)

    def _fits(self, row: Row, known: Organisation) -> bool:
        """Whether nothing differs, by what was read at the beginning: a code stands once in a table."""
        values = row.values
        return (
            known.ended_on is None
            and values.get("founded_on") in (None, known.founded_on)
            and self._names(row, known) == (known.name.strip(), known.short_name.strip())
            and values["kind"] == known.kind
            and not ("parent" in self.columns and self._stands_elsewhere(row, known))
            and not self._described(row, known)
        )

    def _names(self, row: Row, known: Organisation) -> tuple[str, str]:
        short_name = row.values.get("short_name") if "short_name" in self.columns else known.short_name
        return row.values["name"], (short_name or "").strip()

    def _described(self, row: Row, known: Organisation) -> dict[str, Any]:
        return {
            name: row.values[name]
            for name in DESCRIPTION
            if name in self.columns and row.values[name] != _bare(getattr(known, name))
        }

    def _stands_elsewhere(self, row: Row, known: Organisation) -> bool:
        """Whether the row names another superior. The own top keeps the one that its administrator cannot see."""
        return bool((row.values.get("parent") or "") != self.codes.get(known.parent_path, ""))

    def _change(self, row: Row, known: Organisation) -> None:
        values, outcome = row.values, self.outcome
        if known.ended_on is not None:
            raise WrongCell("code", _("“%(name)s”已经撤销。") % {"name": known.name})
        founded_on = values.get("founded_on")
        if founded_on is not None and known.founded_on is not None and founded_on != known.founded_on:
            raise WrongCell("founded_on", _("登记的成立日期是 %(day)s，导入不能改。") % {"day": known.founded_on})
        elsewhere = "parent" in self.columns and self._stands_elsewhere(row, self.own[known.code])
        name, short_name = self._names(row, known)
        before = outcome.changed
        if (name, short_name) != (known.name.strip(), known.short_name.strip()):
            known = rename_organisation(known, name=name, short_name=short_name, **self.told)
            outcome.renamed += 1
        if values["kind"] != known.kind:
            known = reclassify_organisation(known, kind=values["kind"], **self.told)
            outcome.reclassified += 1
        if elsewhere:
            known = move_organisation(known, self._new_parent(row, known), **self.told)
            outcome.moved += 1
        if described := self._described(row, known):
            describe_organisation(known, by=self.change.by, **described)
            outcome.described += 1
        if outcome.changed == before:  # a founding date where none was known: nothing that an operation would write
            self.same.add(row.number)

    def _new_parent(self, row: Row, known: Organisation) -> Organisation:
        code = row.values.get("parent") or ""
        parent = self.own.get(code)
        if code and parent is None:
            raise WrongCell("parent", _("没有找到上级编码 %(code)s。") % {"code": code[:40]})
        if parent is None or known.depth == 1 or known.path in (self.paths or ()):
            raise WrongCell("parent", _("最上级组织不能用导入来移动。"))
        return Organisation.objects.get(pk=parent.pk)

    # --- leading bodies -----------------------------------------------------------------------------------------------

    def _bring_in_leaders(self, rows: list[Row]) -> None:
        named = [row for row in rows if any(row.values.get(name) for name in ("leaders", "term_since", "term_until"))]
        for part in batched(named, _STEP):
            codes = [row.values["code"] for row in part]
            there = {row.code: row for row in Organisation.objects.filter(code__in=codes)}
            people = {who.name for row in part for who, _kind in row.values.get("leaders") or ()}
            leaders = Leaders(list(there.values()), people)
            for row in part:
                self._attempt(row, functools.partial(self._staff, row, there[row.values["code"]], leaders))
            self.progress(95, str(len(rows)))

    def _staff(self, row: Row, organisation: Organisation, leaders: Leaders) -> None:
        values = row.values
        try:
            done = leaders.align(
                organisation,
                values.get("leaders") or (),
                values.get("term_since"),
                values.get("term_until"),
                self.change,
            )
        except NotOnFile as missing:
            text = _("党员名册里还没有%(names)s；这一行的班子先没有登记，导入党员后再导入一次本表。")
            self.outcome.notes.append(Problem(row.number, _(COLUMNS["leaders"]), text % {"names": missing.args[0]}))
            return
        if done != Aligned():
            self.same.discard(row.number)
            self.outcome.elected += done.elected
            self.outcome.appointed += done.appointed
            self.outcome.relieved += done.relieved


def _bare(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
