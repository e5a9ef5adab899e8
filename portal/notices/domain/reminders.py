"""Reminding people of to-dos whose last day is near or past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext as _

from portal.ground import clock
from portal.ground.jobs import JobContext, job_kind, periodic
from portal.ground.rights import declared
from portal.notices.domain.notices import notify
from portal.notices.domain.recipients import Holders, Recipients
from portal.notices.kinds import DUE, is_silent
from portal.notices.models import Message, Task

REMIND = "notices.remind"
EVERY_SECONDS = 6 * 3600
DAYS_BEFORE = 3
DAYS_LATE = 7


@job_kind(REMIND, lease_seconds=600)
def _remind_job(context: JobContext) -> None:
    remind_of_tasks(context=context)


periodic(REMIND, every_seconds=EVERY_SECONDS)


def remind_of_tasks(day: dt.date | None = None, *, context: JobContext | None = None) -> int:
    """Tell whose an open task is: three days before its last day, on it, and once when it is past (within a week, so that
    old neglect does not ring when a worker starts again). Returns how many tasks were looked at. Safe to repeat.
    """
    now = day or clock.today()
    due = Task.objects.filter(
        closed_at__isnull=True,
        due_on__gte=now - dt.timedelta(days=DAYS_LATE),
        due_on__lte=now + dt.timedelta(days=DAYS_BEFORE),
    ).select_related("organisation", "except_user")
    silent = {kind for kind in due.order_by().values_list("kind", flat=True).distinct() if is_silent(kind)}
    tasks = {_key(task, now): task for task in due.exclude(kind__in=silent).prefetch_related("assignees__user")}
    recent = Message.objects.filter(
        kind=DUE.code, made_at__gte=clock.now() - 2 * dt.timedelta(days=DAYS_LATE + DAYS_BEFORE)
    )
    told = set(recent.values_list("key", flat=True))
    for key, task in tasks.items():
        if context is not None:
            context.check()
        people = _people_of(task)
        if people is not None and key not in told:
            said = _STAGES[key.rpartition(":")[2]]() % {"title": task.title}
            notify(key, people, DUE.code, said[:200], task.url)
    return len(tasks)


def _people_of(task: Task) -> Recipients | None:
    if not task.right:
        return [assignee.user for assignee in task.assignees.all()]
    if task.right not in declared() or task.organisation is None:
        return None
    return Holders(task.right, task.organisation, task.every_level, task.except_user)


def _key(task: Task, day: dt.date) -> str:
    due_on = task.due_on or day
    stage = "late" if due_on < day else "today" if due_on == day else "soon"
    return f"due:{task.pk}:{due_on}:{stage}"


_STAGES: dict[str, Callable[[], str]] = {
    "soon": lambda: _("即将到期：%(title)s"),
    "today": lambda: _("今天到期：%(title)s"),
    "late": lambda: _("已逾期：%(title)s"),
}
