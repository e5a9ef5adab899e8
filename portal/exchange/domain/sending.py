"""Making a package for a partner: asked for with a reason, made by a job, fetched while it is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.exchange.domain.digests import digest_of
from portal.exchange.domain.keys import decoded, own_site
from portal.exchange.domain.kinds.members import tell_exported
from portal.exchange.domain.package.format import MAX_FILE_BYTES, Header
from portal.exchange.domain.package.packing import pack
from portal.exchange.models import AgreedRow, Partner, SentPackage
from portal.exchange.rights import SEND
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.exchange import ExchangeKind, Row, Scope, kinds
from portal.ground.jobs import enqueue
from portal.members.domain.storing import StoredFileGone, remove, store, stored
from portal.organisations.domain.rights import judge
from portal.organisations.models import Member, Organisation, subtree_filter

JOB = "exchange.pack"
KEPT = dt.timedelta(days=3)
SHORTEST_REASON = 4
_BATCH = 1000
Progress = Callable[[int, str], None]


class CannotSend(ValueError):
    """No package can be made; the message says why."""


def ask_package(
    partner: Partner, organisation: Organisation, *, reason: str, user: Any, queued: bool = True
) -> SentPackage:
    """Have the subtree of an organisation packed for a partner. Raises CannotSend: without the right there, without a reason,
    for a partner who is not confirmed, or of organisations that are no business of a sub-unit. Queues a job
    (unless the caller does its work itself, `queued` False); writes SentPackage and an audit line."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise CannotSend(_("请用一句话写明用途，至少四个字；有关党员能看到它。"))
    with transaction.atomic():
        partner = Partner.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=partner.pk)
        if why := _refusal(partner, organisation, user):
            raise CannotSend(why)
        partner.last_sent += 1
        partner.save(update_fields=["last_sent"])
        row = SentPackage.objects.create(
            partner=partner, organisation=organisation, user=user, reason=reason[:200], serial=partner.last_sent
        )
        audit(
            user,
            "exchange.package_asked",
            target_kind="exchange.sent",
            target_uid=row.uid,
            partner=str(partner.uid),
            organisation=str(organisation.uid),
            reason=row.reason,
        )
        if queued:
            enqueue(JOB, {"uid": str(row.uid)}, key=str(row.uid))
    return row


def _refusal(partner: Partner, organisation: Organisation, user: Any) -> str:
    if partner.state != Partner.State.CONFIRMED:
        return _("对方站点还没有确认指纹，或已停用。")
    if not judge(user, SEND, organisation):
        return _("您不能导出这个组织的数据。")
    if (
        partner.relation == Partner.Relation.SUBORDINATE
        and partner.organisation is not None
        and not organisation.is_within(partner.organisation)
    ):
        return _("“%(name)s”不在这个下级站点的范围内。") % {"name": organisation.name}
    return ""


def make_package(uid: str, progress: Progress) -> SentPackage | None:
    """Write the package (the job's work), as things stand now. Safe to repeat: what becomes ready is marked in one transaction
    with the looks of the members concerned. May and partner are asked anew."""
    waiting = SentPackage.objects.select_related("partner__organisation", "organisation", "user")
    row = waiting.filter(uid=uid, state=SentPackage.State.WAITING).first()
    if row is None:
        return None
    if why := _refusal(row.partner, row.organisation, row.user):
        return _fail(row, why)
    sent: list[tuple[str, str, str]] = []
    expected = 1 + _about(row.organisation)

    def seen(kind: ExchangeKind, line: Row) -> None:
        sent.append((kind.name, str(line["uid"]), digest_of(line)))
        if len(sent) % _BATCH == 0:
            percent = min(95, len(sent) * 95 // expected)
            SentPackage.objects.filter(pk=row.pk).update(progress=percent)
            progress(percent, str(len(sent)))

    with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as target:
        scope = Scope(row.organisation.path)
        packed = pack(target, _header(row), decoded(row.partner.seal_key), kinds(), scope, seen)
        size = target.tell()
        if size > MAX_FILE_BYTES:
            return _fail(row, _("数据包太大；请缩小范围，分几次导出。"))
        target.seek(0)
        content = target.read()
    path = store(content)
    left_out = (
        _("没有包含：%(kinds)s（插件出错，已记下）。") % {"kinds": "、".join(packed.left_out)}
        if packed.left_out
        else ""
    )
    with transaction.atomic():
        done = SentPackage.objects.filter(pk=row.pk, state=SentPackage.State.WAITING).update(
            state=SentPackage.State.READY,
            path=path,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            counts=packed.counts,
            note=left_out[:300],
            progress=100,
            ready_at=now(),
        )
        if done:
            _remember(row, sent)
            about = _("交换数据包 → %(name)s：%(reason)s") % {"name": row.partner.name, "reason": row.reason}
            tell_exported([line for kind, line, _digest in sent if kind == "members"], row.user, about[:200], row.uid)
            audit(
                row.user,
                "exchange.package_made",
                target_kind="exchange.sent",
                target_uid=row.uid,
                serial=row.serial,
                **packed.counts,
            )
    if not done:
        remove(path)
    row.refresh_from_db()
    return row


def _about(top: Organisation) -> int:
    """How many rows a subtree will be, roughly: members, and three rows an organisation."""
    inside = Organisation.objects.filter(subtree_filter(top.path)).count()
    return 3 * inside + Member.objects.filter(subtree_filter(top.path, "organisation__path")).count()


def _header(row: SentPackage) -> Header:
    own, partner, top = own_site(), row.partner, row.organisation
    return Header(
        uid=row.uid,
        sender=own.uid,
        sender_name=own.name,
        receiver=partner.site_uid,
        receiver_name=partner.name,
        top_uid=str(top.uid),
        top_code=top.code,
        top_name=top.name,
        purpose=row.reason,
        made_at=now(),
        serial=row.serial,
        acknowledges=partner.last_received,
    )


def _fail(row: SentPackage, why: str) -> SentPackage:
    SentPackage.objects.filter(pk=row.pk).update(state=SentPackage.State.FAILED, note=why[:300])
    row.refresh_from_db()
    return row


def _remember(row: SentPackage, sent: list[tuple[str, str, str]]) -> None:
    moment = now()
    for start in range(0, len(sent), _BATCH):
        AgreedRow.objects.bulk_create(
            [
                AgreedRow(
                    partner=row.partner,
                    kind=kind,
                    uid=uid,
                    here_uid=uid,
                    sent=digest,
                    sent_serial=row.serial,
                    sent_at=moment,
                )
                for kind, uid, digest in sent[start : start + _BATCH]
            ],
            update_conflicts=True,
            unique_fields=["partner", "kind", "here_uid"],
            update_fields=["sent", "sent_serial", "sent_at"],
        )


@dataclasses.dataclass(frozen=True)
class Fetched:
    """A package to save under `name`."""

    name: str
    content: bytes


def fetch_package(row: SentPackage, *, user: Any) -> Fetched:
    """The file. Raises StoredFileGone. Writes an audit line."""
    if row.state != SentPackage.State.READY:
        raise StoredFileGone
    content = stored(row.path)
    audit(user, "exchange.package_fetched", target_kind="exchange.sent", target_uid=row.uid, sha256=row.sha256)
    return Fetched(f"linghang-{row.organisation.code}-{row.serial:04}.zip", content)


def clear_away() -> int:
    """Remove packages after three days; how many."""
    over = SentPackage.objects.filter(made_at__lt=now() - KEPT, state=SentPackage.State.READY)[:500]
    for row in over:
        remove(row.path)
        SentPackage.objects.filter(pk=row.pk).update(state=SentPackage.State.GONE, path="")
    return len(over)
