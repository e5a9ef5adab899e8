"""Bringing a package in: one transaction, all or nothing."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db import Error, IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.exchange.domain.checking import scope_of
from portal.exchange.domain.digests import digest_of
from portal.exchange.domain.keys import own_site
from portal.exchange.domain.package.format import RefusedPackage
from portal.exchange.domain.package.unpacking import open_package
from portal.exchange.domain.receiving import Act, State, WrongState, may_take_in, step, to_be_written, top_here
from portal.exchange.models import AgreedRow, Partner, ReceivedPackage, StagedLine
from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.ground.exchange import CannotGive, CannotWrite, ExchangeKind, Incoming, Scope, Writing, kinds
from portal.members.domain.storing import StoredFileGone, remove, stored
from portal.organisations.domain.locking import lock_register
from portal.organisations.models import Organisation
from portal.records.domain.sealing import Attachment, seal

BATCH = 500
Progress = Callable[[int, str], None]


class _Overtaken(Exception):
    """What is here is not what the dry run saw."""


def apply(uid: str, progress: Progress) -> None:
    """Write what was decided (the job's work). A crash leaves nothing written, and the job is done again from its start; a second
    one finds it done. Writes rows by their kinds, what both sides know now, a sealed record and an audit line."""
    row = ReceivedPackage.objects.filter(uid=uid, state=State.APPLYING).first()
    if row is None:
        return
    progress(5, "")
    try:
        with transaction.atomic():
            _apply(row.pk)
    except _Overtaken:
        _back(row, _("比对之后，本站的内容又有改动；什么也没有写入，请再比对一次。"))
        return
    except (CannotWrite, RefusedPackage) as refusal:
        if isinstance(refusal, CannotGive):
            refusal.tell()
        _back(row, str(refusal) + _("什么也没有写入。"))
        return
    except StoredFileGone:
        ReceivedPackage.objects.filter(pk=row.pk).update(state=State.DROPPED, note=_("上传的文件已清除，请重新上传。"))
        return
    except IntegrityError:
        _back(row, _("有内容与本站的另一条记录重复；什么也没有写入，请再比对一次。"))
        return
    row.refresh_from_db()
    if row.state == State.DONE:
        remove(row.path)
        ReceivedPackage.objects.filter(pk=row.pk).update(path="")
        row.lines.exclude(act__in=(Act.KEPT_OUT, Act.MISSING)).delete()


def _back(row: ReceivedPackage, why: str) -> None:
    try:
        step(row, (State.APPLYING,), State.CHECKED, note=why[:300])
    except (WrongState, Error):  # given to another worker meanwhile, which says so itself
        return


def _apply(pk: int) -> None:
    lock_register()
    # one who comes second, after a lost lease, waits here and then finds it done
    rows = ReceivedPackage.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    row = rows.get(pk=pk)
    if row.state != State.APPLYING:
        return
    partner = Partner.objects.select_for_update(of=("self",), no_key=True).get(pk=row.partner_id)
    package = open_package(stored(row.path), own_site())
    top = top_here(package)
    if not may_take_in(row.user, top):
        raise CannotWrite(_("您已不能导入这个范围的数据。"))
    writing = Writing(
        row.user,
        _("交换数据包 ← %(name)s，第 %(serial)s 号") % {"name": partner.name, "serial": row.serial},
        row.uid,
        scope_of(package, row.user),
    )
    written: Counter[str] = Counter()
    for kind in kinds():
        written[kind.name] = _write_kind(row, kind, writing)
        if not writing.scope.path:
            writing = dataclasses.replace(writing, scope=scope_of(package, row.user))
    for kind in kinds():
        kind.finish(writing)
        _remember(row, partner, kind, writing.scope)
    partner.last_received = max(partner.last_received, row.serial)
    partner.save(update_fields=["last_received"])
    top = top_here(package)
    ReceivedPackage.objects.filter(pk=row.pk).update(
        state=State.DONE, done_at=now(), progress=100, note="", organisation=top
    )
    audit(
        row.user,
        "exchange.package_applied",
        target_kind="exchange.received",
        target_uid=row.uid,
        partner=str(partner.uid),
        serial=row.serial,
        sha256=row.sha256,
        **written,
    )
    if top is not None:
        _seal(row, partner, top, written)


def _seal(row: ReceivedPackage, partner: Partner, top: Organisation, written: Counter[str]) -> None:
    """One record of the whole, in the chain of the scope's top: what came from where, and how each conflict ended."""
    lines = row.lines.filter(act=Act.CONFLICT).values_list("kind", "here_uid", "decision")
    seal(
        "exchange.package",
        row.uid,
        f"org:{top.uid}",
        {
            "partner": str(partner.site_uid),
            "serial": row.serial,
            "packed_at": row.packed_at.isoformat(),
            "written": dict(written),
            "conflicts": [f"{kind} {uid} {decision}" for kind, uid, decision in lines],
        },
        happened_on=today(),
        entered_by=row.user,
        reason=row.purpose,
        attachments=[Attachment(row.file_name, row.sha256, row.size_bytes)],
    )


def _pages(lines: Any) -> Iterator[list[StagedLine]]:
    after = -1
    while page := list(lines.filter(place__gt=after).order_by("place")[:BATCH]):
        yield page
        after = page[-1].place


def _write_kind(row: ReceivedPackage, kind: ExchangeKind, writing: Writing) -> int:
    """All are compared before any of them is written: writing one may change how the next one looks."""
    lines = row.lines.filter(to_be_written(), kind=kind.name)
    for page in _pages(lines.only("place", "here_uid", "ours_digest")):
        ours = {str(r["uid"]): digest_of(r) for r in kind.export(writing.scope, {line.here_uid for line in page})}
        if any(ours.get(line.here_uid, "") != line.ours_digest for line in page):
            raise _Overtaken
    count = 0
    for page in _pages(lines):
        items = [
            Incoming(line.here_uid, json.loads(line.theirs), line.act == Act.NEW, tuple(line.changed)) for line in page
        ]
        kind.write(items, writing)
        count += len(items)
    return count


def _remember(row: ReceivedPackage, partner: Partner, kind: ExchangeKind, scope: Scope) -> None:
    """What both sides know now of each row that was looked at, so that the next difference tells who changed it."""
    moment = now()
    looked_at = row.lines.filter(kind=kind.name, act__in=(Act.NEW, Act.CHANGED, Act.SAME, Act.CONFLICT))
    for page in _pages(looked_at):
        uids = {line.here_uid for line in page if line.act != Act.SAME}
        ours = {str(r["uid"]): digest_of(r) for r in kind.export(scope, uids)} if uids else {}
        AgreedRow.objects.bulk_create(
            [
                AgreedRow(
                    partner=partner,
                    kind=kind.name,
                    uid=line.uid,
                    here_uid=line.here_uid,
                    theirs=line.theirs_digest,
                    ours=ours.get(line.here_uid, line.ours_digest),
                    agreed_at=moment,
                )
                for line in page
            ],
            update_conflicts=True,
            unique_fields=["partner", "kind", "here_uid"],
            update_fields=["uid", "theirs", "ours", "agreed_at"],
        )
