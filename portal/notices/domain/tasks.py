"""What people are asked to do: opening a task, closing it, whose it is now."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from typing import Any

from django.db import transaction
from django.db.models import CharField, DateField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Substr

from portal.ground.clock import now, today
from portal.notices.domain.notices import check, notify
from portal.notices.domain.recipients import MembersOf, Recipients, grants_today, named_people, rule_of
from portal.notices.kinds import TASK, kind_named, silent_kinds
from portal.notices.models import Notice, Task, TaskAssignee
from portal.organisations.domain.rights import Scope, rights_of, scopes_of
from portal.organisations.models import Organisation, Role, RoleGrant, subtree_filter

DEEPEST = 10
FAR = dt.date(9999, 12, 31)


def open_task(
    key: str,
    assignees: Recipients,
    title: str,
    url: str,
    due_on: dt.date | None = None,
    *,
    kind: str = TASK.code,
    by_hand: bool = False,
    announce: bool = False,
) -> Task:
    """Say that something is to be done: from now on the task with this `key` is open and reads like this.

    Calling again changes nothing; other words, day or assignees replace the old ones; a closed task is open again, so a
    task about one deed has the deed's uid in its key. `assignees`: a user, users, or `Holders`, who are found whenever
    someone looks. `due_on` is the last day. `by_hand` lets an assignee tick it off; else only `close_task` ends it.
    `announce` tells the assignees by a notice as well, once a key. Raises ForeignAddress, KeyTooLong, UnknownKind.
    Writes Task in the caller's transaction.
    """
    check(key, url)
    kind_named(kind)
    if isinstance(assignees, MembersOf):
        raise TypeError("a task is for people by name or for holders of a right")
    people = named_people(assignees)
    rule = rule_of(assignees) or {"right": "", "organisation": None, "every_level": False, "except_user": None}
    fields = {"kind": kind, "title": title[:200], "url": url, "due_on": due_on, "by_hand": by_hand, **rule}
    with transaction.atomic():
        task, made = Task.objects.select_for_update().get_or_create(key=key, defaults=fields)
        if not made:
            _replace(task, fields)
        wanted = {person.pk for person in people}
        have = set() if made else set(task.assignees.values_list("user_id", flat=True))
        if have - wanted:
            task.assignees.filter(user_id__in=have - wanted).delete()
        TaskAssignee.objects.bulk_create([TaskAssignee(task=task, user_id=pk) for pk in sorted(wanted - have)])
        if announce:
            notify(_notice_key(key), assignees, kind, title, url)
    return task


def _replace(task: Task, fields: dict[str, Any]) -> None:
    changed = [name for name, value in fields.items() if getattr(task, name) != value]
    for name in changed:
        setattr(task, name, fields[name])
    if task.closed_at is not None:
        task.opened_at, task.closed_at, task.closed_by = now(), None, None
        changed += ["opened_at", "closed_at", "closed_by"]
    if changed:
        task.save(update_fields=changed)


def close_task(key: str, *, by: Any = None) -> bool:
    """Say that a task is done (or no longer needed), in the caller's transaction; whether it was open. Safe to repeat.

    `by` is who did it. The notice that announced it counts as read.
    """
    moment = now()
    with transaction.atomic():
        closed = Task.objects.filter(key=key, closed_at__isnull=True).update(closed_at=moment, closed_by=by)
        Notice.objects.filter(key=_notice_key(key), read_at__isnull=True).update(read_at=moment)
    return bool(closed)


def _notice_key(key: str) -> str:
    return f"task:{key}"


def _open_tasks() -> QuerySet[Task]:
    """What is to be done by anybody, without the tasks of plugins that are off."""
    tasks = Task.objects.filter(closed_at__isnull=True)
    silent = silent_kinds()
    return tasks.exclude(kind__in=silent) if silent else tasks


def tasks_of(user: Any) -> QuerySet[Task]:
    """The open tasks that are this person's to do now, by last day: those given by name, and those of a right that the person
    holds where nobody nearer holds it. One query beyond the person's roles."""
    condition = _by_name(user)
    for scope in scopes_of(user):
        if rights_of(scope.role):
            nearest = Q(every_level=True) | ~Q(Exists(_holders_below(scope)))
            condition |= _among(_reached_from(scope) & _not_excepted(user) & nearest)
    return _ordered(_open_tasks().filter(condition))


def tasks_below(user: Any) -> QuerySet[Task]:
    """The open tasks in the subtrees where this person holds the right, that others there have to do: what a leader looks
    over. By last day."""
    mine = tasks_of(user).order_by().values("pk")
    return tasks_reached(user).filter(right__gt="").exclude(pk__in=mine)


def tasks_reached(user: Any) -> QuerySet[Task]:
    """All open tasks that this person may know of: given by name, and those of a right that the person holds there, whoever
    has to do them. By last day."""
    condition = _by_name(user)
    for scope in scopes_of(user):
        if rights_of(scope.role):
            condition |= _among(_reached_from(scope))
    return _ordered(_open_tasks().filter(condition))


def tasks_done_by(user: Any) -> QuerySet[Task]:
    """What this person has finished, and closed tasks that were the person's by name, newest first."""
    own = Q(closed_by=user) | _by_name(user)
    return (
        Task.objects.filter(own, closed_at__isnull=False).select_related("organisation").order_by("-closed_at", "-pk")
    )


def task_for(user: Any, uid: Any) -> Task | None:
    """A task by its uid, open or closed, that is the person's or lies in the own subtrees; None for absent and all others."""
    for found in (tasks_of(user), tasks_below(user), tasks_done_by(user)):
        task = found.filter(uid=uid).first()
        if task is not None:
            return task
    return None


def tick_off(user: Any, uid: Any) -> Task | None:
    """Close a task of this person that may be ticked off by hand. None for absent, another's, and any other task."""
    task = tasks_of(user).filter(uid=uid, by_hand=True).first()
    if task is not None:
        close_task(task.key, by=user)
    return task


def overdue(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """Those whose last day is past."""
    return tasks.filter(due_on__lt=today())


def _ordered(tasks: QuerySet[Task]) -> QuerySet[Task]:
    by_day = Coalesce("due_on", Value(FAR, output_field=DateField()))
    return tasks.select_related("organisation").order_by(by_day, "opened_at", "pk")


def _by_name(user: Any) -> Q:
    return Q(pk__in=TaskAssignee.objects.filter(user_id=user.pk).values("task_id"))


def _among(condition: Q) -> Q:
    """The open tasks of a condition as a list of keys: alternatives of such lists are each looked up by an index, other ones make the
    database read every open task."""
    return Q(pk__in=Task.objects.filter(condition, closed_at__isnull=True).values("pk"))


def _reached_from(scope: Scope) -> Q:
    return Q(right__in=sorted(rights_of(scope.role))) & subtree_filter(scope.path, "organisation__path")


def _not_excepted(user: Any) -> Q:
    return Q(except_user__isnull=True) | ~Q(except_user_id=user.pk)


def _holders_below(scope: Scope) -> QuerySet[RoleGrant]:
    """Grants to active people, nearer to the task's organisation than this scope, of a role that carries the task's right."""
    path, step = OuterRef("organisation__path"), Organisation.steplen
    between = [Substr(path, 1, length) for length in range(len(scope.path) + step, DEEPEST * step + 1, step)]
    carries = functools.reduce(
        operator.or_, (Q(role=role, task_right__in=sorted(rights_of(role))) for role in Role.values if rights_of(role))
    )
    return (
        grants_today()
        .annotate(task_right=ExpressionWrapper(OuterRef("right"), output_field=CharField()))
        .filter(carries, organisation__path__in=between, organisation__depth__gt=len(scope.path) // step)
        .filter(user__is_active=True)
        .filter(~Q(user_id=Coalesce(OuterRef("except_user_id"), Value(0))))
    )
