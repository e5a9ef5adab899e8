"""A run from upload to the end, by a worker: what the table would do, the question, then all of it or nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.jobs import enqueue
from portal.organisations.domain.history import Change
from portal.organisations.domain.register.importing import Outcome, Progress, import_register
from portal.organisations.domain.register.reading import ImportRefused, Problem
from portal.organisations.domain.rights import judge, paths_where
from portal.organisations.models import RegisterImport
from portal.shared.keeping import StoredFileGone, remove, store, stored

JOB = "organisations.import"
MANAGE = "organisations.manage"
MAX_BYTES = 20 * 1024 * 1024
PROBLEMS_KEPT = 1000
KEPT = dt.timedelta(days=7)
State = RegisterImport.State


class WrongState(ValueError):
    """The run is not at the step that this needs: somebody, or another click, was first."""


def upload(user: Any, file_name: str, content: bytes, change: Change) -> RegisterImport:
    """Take a table in and have it looked through. Raises ImportRefused when it is empty or too big. Writes RegisterImport and an
    audit line, keeps the file encrypted, queues a job."""
    if not content:
        raise ImportRefused(_("文件是空的，没有可导入的内容。"))
    if len(content) > MAX_BYTES:
        raise ImportRefused(_("文件超过 %(n)s MB。") % {"n": MAX_BYTES // 1024 // 1024})
    with transaction.atomic():
        run = RegisterImport.objects.create(
            user=user,
            file_name=file_name[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            path=store(content),
            on=change.on,
            document_number=change.document_number,
            remark=change.note,
        )
        audit(user, "organisations.import_uploaded", target_kind="organisations.import", target_uid=run.uid)
        _queue(run)
    return run


def confirm(run: RegisterImport) -> None:
    """Have what was looked through brought in. Raises WrongState, also while something is wrong in it or nothing would change.
    Queues a job."""
    outcome = outcome_of(run)
    if outcome.problems or not outcome.changed:
        raise WrongState
    with transaction.atomic():
        _step(run, State.CHECKED, State.APPLYING)
        _queue(run)


def work(uid: str, progress: Progress) -> None:
    """Look a table through, or bring it in (the job's work); a second time finds it done. Nothing is written when something has
    changed meanwhile so that it does not fit any more: then the run is back at the question."""
    with transaction.atomic():
        run = RegisterImport.objects.select_for_update(of=("self",)).select_related("user").get(uid=uid)
        if not run.is_working:
            return
        is_dry = run.state == State.CHECKING
        change = Change(run.on, run.document_number, run.user, run.remark)
        try:
            if not judge(run.user, MANAGE):
                raise ImportRefused(_("您已不能管理组织；什么也没有写入。"))
            paths = paths_where(run.user, MANAGE)
            content = stored(run.path)
            outcome = import_register(content, paths=paths, change=change, dry_run=is_dry, progress=progress)
        except ImportRefused as refusal:
            _step(run, run.state, State.REFUSED, note=str(refusal)[:300])
            return
        except StoredFileGone:
            _step(run, run.state, State.DROPPED, note=_("上传的文件已清除，请重新上传。"))
            return
        kept = dataclasses.replace(
            outcome, problems=outcome.problems[:PROBLEMS_KEPT], notes=outcome.notes[:PROBLEMS_KEPT]
        )
        after = State.DONE if outcome.written else State.CHECKED
        _step(run, run.state, after, outcome=dataclasses.asdict(kept), done_at=now() if outcome.written else None)
    if outcome.written:
        _forget_file(run)


def outcome_of(run: RegisterImport) -> Outcome:
    """What a run did, or would do."""
    told = dict(run.outcome)
    told["problems"] = [Problem(**row) for row in told.get("problems", ())]
    told["notes"] = [Problem(**row) for row in told.get("notes", ())]
    return Outcome(**told)


def clear_away() -> int:
    """Remove files that nobody went on with for a week; how many."""
    left = RegisterImport.objects.filter(made_at__lt=now() - KEPT).exclude(path="").exclude(state=State.APPLYING)
    cleared = 0
    for run in left[:500]:
        RegisterImport.objects.filter(pk=run.pk).exclude(state=State.DONE).update(state=State.DROPPED)
        _forget_file(run)
        cleared += 1
    return cleared


def _queue(run: RegisterImport) -> None:
    enqueue(JOB, {"uid": str(run.uid)}, key=str(run.uid), priority=5)


def _step(run: RegisterImport, before: str, after: str, **fields: Any) -> None:
    """Move on, if nobody else did."""
    if not RegisterImport.objects.filter(pk=run.pk, state=before).update(state=after, **fields):
        raise WrongState
    run.refresh_from_db()


def _forget_file(run: RegisterImport) -> None:
    remove(run.path)
    RegisterImport.objects.filter(pk=run.pk).update(path="")
