"""Taking a package in: upload, dry run, decisions, then everything at once or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.exchange.domain.keys import own_site
from portal.exchange.domain.package.format import RefusedPackage
from portal.exchange.domain.package.unpacking import Package, open_package
from portal.exchange.models import Partner, ReceivedPackage, StagedLine
from portal.exchange.rights import RECEIVE
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.jobs import enqueue
from portal.members.domain.storing import remove, store
from portal.organisations.domain.rights import judge, paths_where
from portal.organisations.models import Organisation

CHECK_JOB = "exchange.check"
APPLY_JOB = "exchange.apply"
KEPT_UPLOADS = dt.timedelta(days=7)
State = ReceivedPackage.State
Act = StagedLine.Act


class WrongState(ValueError):
    """The package is not at the step that this needs: somebody, or another click, was first."""


class Undecided(ValueError):
    """There are conflicts without a decision."""


def receive(user: Any, file_name: str, content: bytes, *, queued: bool = True) -> ReceivedPackage:
    """Take an upload in and have it compared. Raises RefusedPackage with what to do. Queues a job (unless the caller
    does its work itself); writes ReceivedPackage and an audit line, also for what is refused; the file is kept encrypted."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        package = open_package(content, own_site())
        top = top_here(package)
        _check_place(package, top, user)
    except RefusedPackage as refusal:
        audit(user, "exchange.package_refused", target_kind="exchange.file", target_uid=digest[:32], why=str(refusal))
        raise
    header, partner = package.header, package.partner
    with transaction.atomic():
        row = ReceivedPackage.objects.create(
            partner=partner,
            organisation=top,
            user=user,
            package_uid=header.uid,
            serial=header.serial,
            scope_name=header.top_name,
            purpose=header.purpose,
            packed_at=header.made_at,
            acknowledges=header.acknowledges,
            file_name=file_name[:200],
            sha256=digest,
            size_bytes=len(content),
            path=store(content),
            is_repeated=ReceivedPackage.objects.filter(package_uid=header.uid, state=State.DONE).exists(),
            is_older=header.serial <= partner.last_received,
        )
        audit(
            user,
            "exchange.package_uploaded",
            target_kind="exchange.received",
            target_uid=row.uid,
            partner=str(partner.uid),
            serial=header.serial,
            sha256=digest,
        )
        if queued:
            enqueue(CHECK_JOB, {"uid": str(row.uid)}, key=str(row.uid))
    return row


def top_here(package: Package) -> Organisation | None:
    """The organisation here that a package's scope begins with."""
    header = package.header
    return (
        Organisation.objects.filter(uid=header.top_uid).first()
        or Organisation.objects.filter(code=header.top_code).first()
    )


def _check_place(package: Package, top: Organisation | None, user: Any) -> None:
    """Raises RefusedPackage when the scope is none of the sender's, or none of the user's."""
    partner = package.partner
    if partner.relation == Partner.Relation.SUBORDINATE:
        above = partner.organisation
        if top is None or above is None or not top.is_within(above):
            message = _("“%(scope)s”不在“%(partner)s”可以发送的范围内，整个数据包不能导入。")
            raise RefusedPackage(message % {"scope": package.header.top_name, "partner": partner.name})
    if not may_take_in(user, top):
        raise RefusedPackage(_("您不能导入“%(scope)s”的数据。") % {"scope": package.header.top_name})


def may_take_in(user: Any, top: Organisation | None) -> bool:
    """Whether a person may take in packages of a scope. One whose top is not here yet makes a tree of its own: that takes the
    right in every tree that is here."""
    if top is not None:
        return judge(user, RECEIVE, top)
    paths = paths_where(user, RECEIVE)
    if paths is None:
        return True
    tops = set(Organisation.objects.filter(depth=1, ended_on__isnull=True).values_list("path", flat=True))
    return bool(tops) and tops <= set(paths)


def start_check(row: ReceivedPackage) -> None:
    """Compare again, after what is here has changed. Raises WrongState. Queues a job."""
    with transaction.atomic():
        step(row, (State.CHECKED,), State.CHECKING, progress=0, note="")
        row.lines.all().delete()
        enqueue(CHECK_JOB, {"uid": str(row.uid)}, key=str(row.uid))


def open_conflicts(row: ReceivedPackage) -> QuerySet[StagedLine]:
    """Conflicts without a decision."""
    return row.lines.filter(act=Act.CONFLICT, decision="")


def decide(row: ReceivedPackage, choices: dict[int, str], *, rest: str = "") -> int:
    """Decide conflicts: by the line's place, and with `rest` all others that are open. Returns how many are open still. Raises
    WrongState unless the package waits for decisions."""
    with transaction.atomic():
        held = ReceivedPackage.objects.select_for_update(of=("self",)).filter(pk=row.pk, state=State.CHECKED)
        if not held.exists():
            raise WrongState
        conflicts = row.lines.filter(act=Act.CONFLICT)
        for decision in StagedLine.Decision.values:
            places = [place for place, chosen in choices.items() if chosen == decision]
            conflicts.filter(place__in=places).update(decision=decision)
        if rest in StagedLine.Decision.values:
            conflicts.filter(decision="").update(decision=rest)
        return conflicts.filter(decision="").count()


def to_be_written() -> Q:
    """A filter on lines: those that will be written."""
    return Q(act__in=(Act.NEW, Act.CHANGED)) | Q(act=Act.CONFLICT, decision=StagedLine.Decision.THEIRS)


def start_apply(row: ReceivedPackage, *, queued: bool = True) -> None:
    """Bring the package in. Raises Undecided, WrongState. Queues a job (unless the caller does its work itself)."""
    with transaction.atomic():
        step(row, (State.CHECKED,), State.APPLYING, progress=0, note="")
        if open_conflicts(row).exists():
            raise Undecided
        if queued:
            enqueue(APPLY_JOB, {"uid": str(row.uid)}, key=str(row.uid), priority=5)


def drop(row: ReceivedPackage) -> None:
    """Give a package up; file and lines go. Raises WrongState while it is being written, or done."""
    with transaction.atomic():
        path = row.path
        step(row, (State.CHECKING, State.CHECKED, State.REFUSED), State.DROPPED, path="")
        row.lines.all().delete()
        audit(row.user, "exchange.package_dropped", target_kind="exchange.received", target_uid=row.uid)
        transaction.on_commit(lambda: remove(path))


def step(row: ReceivedPackage, before: tuple[str, ...], after: str, **fields: Any) -> None:
    """Move on, if nobody else did. Raises WrongState."""
    if not ReceivedPackage.objects.filter(pk=row.pk, state__in=before).update(state=after, **fields):
        raise WrongState
    row.refresh_from_db()


def clear_away() -> int:
    """Remove uploads that nobody went on with for a week, and what was told of each line; how many uploads."""
    StagedLine.objects.filter(package__made_at__lt=now() - KEPT_UPLOADS, package__state=State.DONE).delete()
    over = ReceivedPackage.objects.filter(made_at__lt=now() - KEPT_UPLOADS).exclude(path="")
    over = over.exclude(state=State.APPLYING)[:200]
    for row in over:
        remove(row.path)
        row.lines.all().delete()
        state = row.state if row.state in (State.DONE, State.REFUSED) else State.DROPPED
        ReceivedPackage.objects.filter(pk=row.pk).update(path="", state=state)
    return len(over)
