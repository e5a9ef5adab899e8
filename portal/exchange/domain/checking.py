"""The dry run: each row of a package beside the one that is here. Writes nothing but its own lines."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.exchange.domain.digests import act_of, base_of, digest_of
from portal.exchange.domain.keys import own_site
from portal.exchange.domain.package.format import RefusedPackage
from portal.exchange.domain.package.unpacking import Package, open_package
from portal.exchange.domain.receiving import Act, State, WrongState, step, top_here
from portal.exchange.domain.values import canonical
from portal.exchange.models import AgreedRow, Partner, ReceivedPackage, StagedLine
from portal.exchange.rights import RECEIVE
from portal.ground.clock import now
from portal.ground.exchange import Book, CannotGive, ExchangeKind, ForeignRow, Matches, Row, Scope, UnfitRow, kinds
from portal.members.domain.storing import StoredFileGone, remove, stored
from portal.organisations.domain.rights import paths_where

BATCH = 500
MISSING_KEPT = 500
Progress = Callable[[int, str], None]


@dataclasses.dataclass
class _Run:
    """What a dry run carries along."""

    row: ReceivedPackage
    package: Package
    scope: Scope
    book: Book
    progress: Progress
    place: int = 0
    counts: dict[str, Counter[str]] = dataclasses.field(default_factory=dict)


def check(uid: str, progress: Progress) -> None:
    """Compare a package with what is here (the job's work). After a crash it begins anew, since it changes nothing."""
    row = ReceivedPackage.objects.select_related("partner__organisation", "user").filter(uid=uid).first()
    if row is None or row.state != State.CHECKING:
        return
    row.lines.all().delete()
    try:
        package = open_package(stored(row.path), own_site())
        run = _Run(row, package, scope_of(package, row.user), Book(package.header.top_uid), progress)
        for kind in kinds():
            _check_kind(run, kind)
    except RefusedPackage as refusal:
        _refuse(row, str(refusal))
        return
    except ForeignRow as refusal:
        _refuse(row, str(refusal) or _("数据包里有不属于所声明范围的内容，整个数据包不能导入。"))
        return
    except StoredFileGone:
        _refuse(row, _("上传的文件已清除，请重新上传。"))
        return
    notices = [
        _("包里有本站没有的内容（%(kind)s），未导入；装上相应的插件后可再导入一次。") % {"kind": kind}
        for kind in package.unknown
    ]
    counts = {name: dict(found) for name, found in run.counts.items()}
    try:
        step(row, (State.CHECKING,), State.CHECKED, progress=100, counts=counts, notices=notices, checked_at=now())
    except WrongState:  # given up meanwhile
        row.lines.all().delete()


def scope_of(package: Package, user: Any) -> Scope:
    """Where a package belongs here, and within what it may change things: what a sub-unit may send, and no more than the person who
    takes it in may. Both hold the scope's top, so that the narrower one lies within the other."""
    top, partner = top_here(package), package.partner
    if top is None:
        return Scope("")
    mine = paths_where(user, RECEIVE)
    limits = [top.path] if mine is not None else [""]
    limits = [path for path in mine or () if top.path.startswith(path)] or limits
    if partner.relation == Partner.Relation.SUBORDINATE and partner.organisation is not None:
        limits.append(partner.organisation.path)
    return Scope(top.path, max(limits, key=len))


def _refuse(row: ReceivedPackage, why: str) -> None:
    with transaction.atomic():
        path = row.path
        row.lines.all().delete()
        ReceivedPackage.objects.filter(pk=row.pk, state=State.CHECKING).update(
            state=State.REFUSED, note=why[:300], progress=100, path=""
        )
        transaction.on_commit(lambda: remove(path))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _check_kind(run: _Run, kind: ExchangeKind) -> None:
    run.counts[kind.name] = Counter()
    here: set[str] = set()
    for batch in _batches(run.package.rows(kind)):
        here |= _check_batch(run, kind, batch)
        total = sum(part.rows for part in run.package.parts.values()) or 1
        percent = min(97, run.place * 97 // total)
        ReceivedPackage.objects.filter(pk=run.row.pk).update(progress=percent)
        run.progress(percent, str(run.place))
    if kind.name in run.package.parts and run.scope.path:
        _check_missing(run, kind, here)


def _check_batch(run: _Run, kind: ExchangeKind, batch: list[Row]) -> set[str]:
    """Stage one batch; the uids of rows here that the package has."""
    uids = [str(row["uid"]) for row in batch]
    agreed = {row.uid: row for row in AgreedRow.objects.filter(partner=run.row.partner, kind=kind.name, uid__in=uids)}
    known = {uid: row.here_uid for uid, row in agreed.items()}
    read: list[Row] = []
    lines: dict[str, StagedLine] = {}
    matches = _match_ahead(run, kind, batch, known)
    for row in batch:
        uid = str(row["uid"])
        if run.book.has_seen(kind.name, uid):
            raise RefusedPackage(_("数据包里同一行出现了两次，不能导入。"))
        run.book.saw(kind.name, uid)
        line = StagedLine(package=run.row, place=run.place, kind=kind.name, uid=uid)
        run.place += 1
        lines[uid] = line
        try:
            row = kind.read(row, run.book)
        except UnfitRow as refusal:
            _keep_out(line, str(refusal) or _("它所属的内容未能导入。"), _title(kind, row))
            continue
        if matches is not None:
            run.book.enter(kind.name, uid, matches.found.get(uid, uid))
        read.append(row)
    if matches is None:
        matches = kind.match(read, run.scope, known)
        for row in read:
            run.book.enter(kind.name, row["uid"], matches.found.get(row["uid"], row["uid"]))
    ours = (
        {str(row["uid"]): row for row in kind.export(run.scope, set(matches.found.values()))} if matches.found else {}
    )
    for row in read:
        uid = row["uid"]
        here_uid = matches.found.get(uid, uid)
        _compare(run, kind, lines[uid], {**row, "uid": here_uid}, ours.get(here_uid), agreed.get(uid))
        if uid in matches.kept_out:
            _keep_out(lines[uid], matches.kept_out[uid], kind.title(row))
    for line in lines.values():
        run.counts[kind.name][line.act] += 1
    StagedLine.objects.bulk_create(lines.values(), batch_size=250)
    return set(ours)


def _match_ahead(run: _Run, kind: ExchangeKind, batch: list[Row], known: dict[str, str]) -> Matches | None:
    """Rows that name others of their own kind and batch are matched before they are read."""
    if not kind.names_own_kind:
        return None
    return kind.match([row for row in batch if kind.can_be_matched(row)], run.scope, known)


def _title(kind: ExchangeKind, row: Row) -> str:
    try:
        return kind.title(row)[:200]
    except (KeyError, TypeError, ValueError, AttributeError):  # the row was refused for what it is
        return str(row.get("uid", ""))


def _keep_out(line: StagedLine, why: str, title: str) -> None:
    line.act, line.note, line.title = Act.KEPT_OUT, why[:300], title
    line.theirs = line.ours = ""


def _compare(
    run: _Run, kind: ExchangeKind, line: StagedLine, theirs: Row, ours: Row | None, agreed: AgreedRow | None
) -> None:
    base = base_of(agreed, run.row.acknowledges)
    line.here_uid = theirs["uid"]
    line.theirs_digest, line.ours_digest = digest_of(theirs), digest_of(ours)
    line.act = act_of(line.theirs_digest, line.ours_digest, base, is_older=run.row.is_older)
    line.since = base.at if base is not None else None
    if line.act == Act.SAME:
        return
    line.title = kind.title(theirs)
    line.changed = [name for name in kind.fields if ours is None or theirs.get(name) != ours.get(name)]
    line.theirs = canonical(theirs)
    line.ours = canonical(ours) if ours is not None else ""
    if kind.is_history and ours is not None:
        _keep_out(line, _("变动记录写入后不能修改，两边的内容不同；本站的保留不变。"), line.title)


def _check_missing(run: _Run, kind: ExchangeKind, here: set[str]) -> None:
    """Tell what is here and not in the package. Nothing is done about it."""
    lines = []
    try:
        ours = kind.export(run.scope)
    except CannotGive as failure:
        failure.tell()
        return
    for row in ours:
        if row["uid"] in here:
            continue
        run.counts[kind.name][Act.MISSING] += 1
        if run.counts[kind.name][Act.MISSING] <= MISSING_KEPT:
            line = StagedLine(package=run.row, place=run.place, kind=kind.name, uid="", here_uid=row["uid"])
            line.act, line.title = Act.MISSING, kind.title(row)
            run.place += 1
            lines.append(line)
    StagedLine.objects.bulk_create(lines, batch_size=250)
