"""A run from upload to the end: check in small steps that survive a crash, then bring everything in at once or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.ground.jobs import enqueue
from portal.members.domain.access import record_looks
from portal.members.domain.fields import ON_FILE
from portal.members.domain.files import ensure_files
from portal.members.domain.importing.checking import Checker
from portal.members.domain.importing.mapping import read_head, settled
from portal.members.domain.missing import watch_key_fields
from portal.members.domain.standing import WITHOUT_POSTS, lay_down_posts
from portal.members.domain.storing import StoredFileGone, remove, store, stored
from portal.members.models import AccessEntry, ImportProblem, ImportRun, MemberFile, StagedRow
from portal.members.rights import IMPORT
from portal.organisations.chains import chain_of
from portal.organisations.domain.members import move_members
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Member, Membership, Organisation
from portal.records.domain.sealing import Attachment, seal
from portal.shared.sheets import Row, Table, UnreadableTable, open_table

CHECK_JOB = "members.import_check"
APPLY_JOB = "members.import_apply"
BATCH = 2000
PROBLEMS_KEPT = 2000
Progress = Callable[[int, str], None]


class WrongState(ValueError):
    """The run is not at the step that this needs: somebody, or another click, was first."""


def upload(user: Any, file_name: str, content: bytes) -> ImportRun:
    """Take a file in and guess its columns; nothing is checked yet. Raises UnreadableTable. Writes ImportRun and a line of
    the audit trail; the file is kept encrypted."""
    head = read_head(open_table(content))
    with transaction.atomic():
        run = ImportRun.objects.create(
            user=user,
            file_name=file_name[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            path=store(content),
            header_row=head.header_row,
            headers=head.headers,
            samples=head.samples,
            mapping=head.mapping,
        )
        audit(user, "members.import_uploaded", target_kind="members.import", target_uid=run.uid, bytes=len(content))
    return run


def start_check(run: ImportRun, mapping: Mapping[str, str]) -> None:
    """Check the file with these columns; an earlier check is forgotten. Raises WrongMapping, WrongState. Queues a job."""
    chosen = settled(mapping, len(run.headers))
    with transaction.atomic():
        _step(
            run,
            (ImportRun.State.UPLOADED, ImportRun.State.CHECKED, ImportRun.State.REFUSED),
            ImportRun.State.CHECKING,
            mapping=chosen,
            rows_read=0,
            progress=0,
            note="",
            new_count=0,
            changed_count=0,
            same_count=0,
            error_count=0,
            warning_count=0,
        )
        run.rows.all().delete()
        run.problems.all().delete()
        enqueue(CHECK_JOB, {"uid": str(run.uid)}, key=str(run.uid))


def check(uid: str, progress: Progress) -> None:
    """Read and check the file (the job's work). After a crash it goes on behind the last row that was kept."""
    run = ImportRun.objects.select_related("user").filter(uid=uid, state=ImportRun.State.CHECKING).first()
    if run is None:
        return
    while ensure_files() == 5000:
        progress(0, "")
    try:
        table = open_table(stored(run.path))
        checker = Checker(run, paths_where(run.user, IMPORT), since_1904=table.since_1904)
        for batch in _batches(table, max(run.header_row, run.rows_read)):
            _check_batch(run, checker, batch)
            percent = int(table.fraction * 98)
            ImportRun.objects.filter(pk=run.pk).update(progress=percent)
            progress(percent, str(run.rows_read))
        _merged_cells(run, table)
    except UnreadableTable as refusal:
        _step(run, (ImportRun.State.CHECKING,), ImportRun.State.REFUSED, note=str(refusal)[:300], progress=100)
        return
    except StoredFileGone:
        _step(run, (ImportRun.State.CHECKING,), ImportRun.State.DROPPED, note=_("上传的文件已清除，请重新上传。"))
        return
    _step(run, (ImportRun.State.CHECKING,), ImportRun.State.CHECKED, progress=100, checked_at=now(), samples=[])


def _batches(table: Table, after: int) -> Iterator[list[Row]]:
    rows = (row for row in table.rows() if row[0] > after)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _check_batch(run: ImportRun, checker: Checker, batch: list[Row]) -> None:
    staged, problems = checker.check(batch)
    for row in staged:
        if row.act == StagedRow.Act.NEW:
            run.new_count += 1
        elif row.act == StagedRow.Act.CHANGE:
            run.changed_count += 1
        else:
            run.same_count += 1
    room = PROBLEMS_KEPT - run.error_count - run.warning_count
    run.error_count += sum(problem.is_error for problem in problems)
    run.warning_count += sum(not problem.is_error for problem in problems)
    run.rows_read = batch[-1][0]
    counts = ("rows_read", "new_count", "changed_count", "same_count", "error_count", "warning_count")
    with transaction.atomic():
        StagedRow.objects.bulk_create(staged, batch_size=500)
        ImportProblem.objects.bulk_create(sorted(problems, key=lambda p: not p.is_error)[: max(room, 0)])
        run.save(update_fields=counts)


def _merged_cells(run: ImportRun, table: Table) -> None:
    """Merged cells among the rows hide values from every row but their first."""
    bad = [(first, last) for first, last in table.merges if last > run.header_row]
    for first, last in bad[:50]:
        advice = _("第 %(first)s 至 %(last)s 行有合并的单元格；请取消合并，把每一行填完整后再导入。")
        ImportProblem.objects.create(run=run, row=first, advice=advice % {"first": first, "last": last})
    if bad:
        run.error_count += len(bad)
        run.save(update_fields=["error_count"])


def start_apply(run: ImportRun) -> None:
    """Bring the checked rows in. Raises WrongState, also while the file has errors. Queues a job."""
    if run.error_count or not run.new_count + run.changed_count:
        raise WrongState
    with transaction.atomic():
        _step(run, (ImportRun.State.CHECKED,), ImportRun.State.APPLYING, progress=0, note="")
        enqueue(APPLY_JOB, {"uid": str(run.uid)}, key=str(run.uid), priority=5)


def apply(uid: str, progress: Progress) -> None:
    """Write all checked rows in one transaction (the job's work), then look for missing fields in the units concerned.

    Refused, with nothing written, when a file was changed since it was checked. Writes Member, MemberFile, Membership,
    AccessEntry, one audit line, and a sealed record of the run in the chain of each tree that it wrote to.
    """
    run = ImportRun.objects.select_related("user").filter(uid=uid, state=ImportRun.State.APPLYING).first()
    if run is None:
        return
    progress(5, "")
    units = list(StagedRow.objects.filter(run=run).order_by().values_list("organisation_id", flat=True).distinct())
    with transaction.atomic():
        # one who comes second, after a lost lease, waits here and then finds the run done
        run = ImportRun.objects.select_for_update(of=("self",)).select_related("user").get(pk=run.pk)
        if run.state != ImportRun.State.APPLYING:
            return
        if why := _overtaken(run):
            _step(run, (ImportRun.State.APPLYING,), ImportRun.State.UPLOADED, note=why)
            return
        _write(run)
        _step(run, (ImportRun.State.APPLYING,), ImportRun.State.DONE, progress=100, done_at=now(), samples=[])
    remove(run.path)
    ImportRun.objects.filter(pk=run.pk).update(path="")
    StagedRow.objects.filter(run=run).delete()
    for start in range(0, len(units), 500):
        watch_key_fields(units[start : start + 500])


def drop(run: ImportRun) -> None:
    """Give a run up; the file and the rows go. Raises WrongState while it is being brought in, or done."""
    with transaction.atomic():
        states = (
            ImportRun.State.UPLOADED,
            ImportRun.State.CHECKING,
            ImportRun.State.CHECKED,
            ImportRun.State.REFUSED,
        )
        path = run.path
        _step(run, states, ImportRun.State.DROPPED, path="", samples=[])
        run.rows.all().delete()
        transaction.on_commit(lambda: remove(path))


def _step(run: ImportRun, before: tuple[str, ...], after: str, **fields: Any) -> None:
    """Move on, if nobody else did."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=before).update(state=after, **fields):
        raise WrongState
    run.refresh_from_db()


# --- writing ----------------------------------------------------------------------------------------------------------
_COLUMNS = (*(field.name for field in ON_FILE), "id_lookup", "phone_lookup", "pinyin")
_MEMBER_COLUMNS = ("name", "organisation_id", "stage", "joined_on")


def _overtaken(run: ImportRun) -> str:
    """A sentence when something was changed behind the check's back; empty when all is as it was."""
    message = _("检查之后，有档案被别人改动过；什么也没有写入，请再检查一次。")
    rows = StagedRow.objects.filter(run=run)
    mine = Organisation.objects.filter(within_paths(paths_where(run.user, IMPORT), "path"))
    if rows.exclude(organisation__in=mine).exists():
        return _("您已不能在其中某些组织导入党员；什么也没有写入。")
    lookups = rows.filter(act=StagedRow.Act.NEW).exclude(id_lookup="").values("id_lookup")
    if MemberFile.objects.filter(id_lookup__in=lookups).exists():
        return message
    if Organisation.objects.filter(pk__in=rows.values("organisation"), ended_on__isnull=False).exists():
        return message
    seen = rows.filter(act=StagedRow.Act.CHANGE).values_list(
        "changed", "seen_at", "member__file__changed_at", "member__name", "member__organisation_id", "member__stage",
        "member__joined_on",
    )  # fmt: skip
    for changed, seen_at, changed_at, name, unit, stage, joined_on in seen.iterator(chunk_size=5000):
        values = {"name": name, "organisation": str(unit), "stage": stage, "joined_on": str(joined_on or "")}
        if seen_at != changed_at or any(values[key] != was for key, was in changed.items() if key in values):
            return message
    return ""


def _write(run: ImportRun) -> None:
    """Copy the rows over inside the database: nothing is decrypted, and the write lock is held for seconds, not minutes."""
    moment, day = now(), today()
    member, staged, file = (f'"{model._meta.db_table}"' for model in (Member, StagedRow, MemberFile))
    membership = f'"{Membership._meta.db_table}"'
    columns = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        moved = list(
            StagedRow.objects.filter(run=run, act=StagedRow.Act.CHANGE)
            .exclude(member__organisation=F("organisation"))
            .values_list("member_id", "organisation_id")
        )
        cursor.execute(
            f"INSERT INTO {member} (uid, name, organisation_id, stage, joined_on) "  # noqa: S608 - own tables and columns
            f"SELECT uid, name, organisation_id, stage, joined_on FROM {staged} "
            "WHERE run_id = %s AND act = 'new' ORDER BY number",
            [run.pk],
        )
        cursor.execute(
            f"INSERT INTO {membership} (member_id, organisation_id, since) "  # noqa: S608 - own tables and columns
            f"SELECT m.id, m.organisation_id, %s FROM {staged} s JOIN {member} m ON m.uid = s.uid "
            "WHERE s.run_id = %s AND s.act = 'new'",
            [day, run.pk],
        )
        cursor.execute(
            f"INSERT INTO {file} (member_id, changed_at, {columns}) "  # noqa: S608 - own tables and columns
            f"SELECT m.id, %s, {', '.join(f's.{name}' for name in _COLUMNS)} "
            f"FROM {staged} s JOIN {member} m ON m.uid = s.uid WHERE s.run_id = %s AND s.act = 'new'",
            [_adapted(moment), run.pk],
        )
        _move(moved, day)
        _copy(cursor, member, "id", staged, _MEMBER_COLUMNS, run)
        _copy(cursor, file, "member_id", staged, _COLUMNS, run)
        MemberFile.objects.filter(
            member__in=StagedRow.objects.filter(run=run, act=StagedRow.Act.CHANGE).values("member")
        ).update(changed_at=moment)
    changed = StagedRow.objects.filter(run=run, act=StagedRow.Act.CHANGE).values_list("member_id", "changed")
    gone = StagedRow.objects.filter(
        run=run, act=StagedRow.Act.CHANGE, stage__in=WITHOUT_POSTS, changed__has_key="stage"
    )
    lay_down_posts(list(gone.values_list("member_id", flat=True)), day)
    by_fields: dict[tuple[str, ...], list[int]] = {}
    for member_id, fields in changed.iterator(chunk_size=5000):
        by_fields.setdefault(tuple(sorted(fields)), []).append(member_id)
    for fields, ids in by_fields.items():
        record_looks(ids, run.user, AccessEntry.Act.IMPORTED, fields=fields, reason=run.file_name, batch=run.uid)
    counts = {"new": run.new_count, "changed": run.changed_count, "same": run.same_count}
    audit(run.user, "members.imported", target_kind="members.import", target_uid=run.uid, sha256=run.sha256, **counts)
    _seal_run(run, counts)


def _copy(cursor: Any, target: str, key: str, staged: str, columns: tuple[str, ...], run: ImportRun) -> None:
    names = ", ".join(columns)
    cursor.execute(
        f"UPDATE {target} SET ({names}) = (SELECT {names} FROM {staged} s "  # noqa: S608 - own tables and columns
        f"WHERE s.run_id = %s AND s.member_id = {target}.{key}) "
        f"WHERE {key} IN (SELECT member_id FROM {staged} WHERE run_id = %s AND act = 'change')",
        [run.pk, run.pk],
    )


def _adapted(moment: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _move(moved: list[tuple[int, int]], day: dt.date) -> None:
    """Those who change their organisation, as any move: stays, posts, sessions, MemberMoved."""
    by_target: dict[int, list[int]] = {}
    for pk, unit in moved:
        by_target.setdefault(unit, []).append(pk)
    targets = Organisation.objects.in_bulk(by_target)
    for unit, ids in by_target.items():
        for start in range(0, len(ids), 500):
            move_members(ids[start : start + 500], targets[unit], on=day)


def _seal_run(run: ImportRun, counts: dict[str, int]) -> None:
    """One record of the whole run, in the chain of the highest organisation it wrote to."""
    written = StagedRow.objects.filter(run=run).exclude(act=StagedRow.Act.SAME)
    top = Organisation.objects.filter(pk__in=written.values("organisation")).order_by("depth", "path").first()
    if top is None:
        return
    file = Attachment(run.file_name, run.sha256, run.size_bytes)
    content = {"counts": counts, "columns": sorted(run.mapping.values())}
    seal(
        "members.import",
        run.uid,
        chain_of(top),
        content,
        happened_on=today(),
        entered_by=run.user,
        attachments=[file],
    )
