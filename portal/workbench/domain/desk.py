"""Pages that wait for a person: reviews, returned ones, drafts. Reads only."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Cast
from wagtail.models import TaskState, WorkflowState

from portal.basepage.models import BasePage
from portal.basepage.rights import REVIEW
from portal.ground.rights import may
from portal.pages.models import ReviewTask

SHOWN = 5


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A page that somebody has to do something about, since when."""

    page_id: int
    title: str
    unit: str
    since: dt.datetime


@dataclasses.dataclass(frozen=True)
class Pile:
    """The oldest few of what waits, and how many there are in all."""

    items: tuple[Waiting, ...] = ()
    total: int = 0


def may_review(user: Any) -> bool:
    """Whether the person is a reviewer anywhere."""
    return may(user, REVIEW)


def reviews_waiting_for(user: Any) -> QuerySet[Any]:
    """Rows (page id, since) of what this reviewer may decide on, oldest first."""
    task = ReviewTask.objects.filter(active=True).first()
    waiting: QuerySet[Any] = (
        task.get_task_states_user_can_moderate(user) if task is not None else TaskState.objects.none()
    )
    return waiting.order_by("started_at").values_list("workflow_state__object_id", "started_at")


def returned_to(user: Any) -> QuerySet[Any]:
    """Rows (page id, since) of what came back to this author for changes, oldest first."""
    return (
        _workflows_of(user, WorkflowState.STATUS_NEEDS_CHANGES)
        .order_by("created_at")
        .values_list("object_id", "created_at")
    )


def drafts_of(user: Any) -> QuerySet[Any]:
    """Rows (page id, since) of what this author has written and not handed in, last touched first."""
    handed_in = _workflows_of(user, WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES)
    ids = handed_in.annotate(page_id=Cast("object_id", BigIntegerField())).values("page_id")
    return (
        BasePage.objects.filter(has_unpublished_changes=True, latest_revision__user=user)
        .exclude(pk__in=ids)
        .order_by("-latest_revision_created_at")
        .values_list("pk", "latest_revision_created_at")
    )


def _workflows_of(user: Any, *statuses: str) -> QuerySet[Any]:
    states: QuerySet[Any] = WorkflowState.objects.filter(
        requested_by=user,
        status__in=statuses,
        base_content_type__app_label="basepage",
        base_content_type__model="basepage",
    )
    return states


def waiting_of(rows: Iterable[tuple[Any, dt.datetime]]) -> tuple[Waiting, ...]:
    """The pages of some rows, with title and unit: one query. A page that is gone is left out."""
    listed = [(int(page_id), since) for page_id, since in rows]
    pages = {
        page.pk: page
        for page in BasePage.objects.filter(pk__in=[pk for pk, _ in listed]).select_related("owner_organisation")
    }
    return tuple(
        Waiting(page.pk, page.draft_title or page.title, str(page.owner_organisation or ""), since)
        for page_id, since in listed
        if (page := pages.get(page_id)) is not None
    )


def pile_of(rows: QuerySet[Any]) -> Pile:
    """The first few of what waits and how many there are: two queries, a third one for more than fit."""
    first = list(rows[: SHOWN + 1])
    if not first:
        return Pile()
    total = len(first) if len(first) <= SHOWN else rows.count()
    return Pile(waiting_of(first[:SHOWN]), total)
