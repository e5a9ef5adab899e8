"""What waits for a person: reviews, returned drafts, the own branch. Reads only, and only what the person's roles call for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Count, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import TaskState, WorkflowState

from portal.basepage.models import BasePage
from portal.basepage.rights import EDIT, REVIEW
from portal.ground.rights import may
from portal.ground.suppliers import viewer_of
from portal.notices.domain.notices import unread_of
from portal.notices.models import Notice
from portal.organisations.domain.rights import scopes_of
from portal.organisations.models import Member, Organisation, Role
from portal.pages.models import BranchPage, ReviewTask

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


@dataclasses.dataclass(frozen=True)
class Branch:
    """A secretary's branch in figures. `url` leads to its page, empty without one."""

    name: str
    url: str
    member_count: int
    probationary_count: int
    activist_count: int


@dataclasses.dataclass(frozen=True)
class Desk:
    """Everything the workbench shows besides contributed cards."""

    may_edit: bool
    may_review: bool
    reviews: Pile
    returned: Pile
    drafts: Pile
    branches: tuple[Branch, ...]
    notices: tuple[Notice, ...]


def desk_of(user: Any) -> Desk:
    """The desk of a signed-in person: one query beyond the person's roles for a plain member, at most ten for staff."""
    may_edit, may_review = may(user, EDIT), may(user, REVIEW)
    return Desk(
        may_edit=may_edit,
        may_review=may_review,
        reviews=_pile(reviews_waiting_for(user)) if may_review else Pile(),
        returned=_pile(returned_to(user)) if may_edit else Pile(),
        drafts=_pile(drafts_of(user)) if may_edit else Pile(),
        branches=_branches(user),
        notices=tuple(unread_of(user)[:SHOWN]),
    )


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


def _pile(rows: QuerySet[Any]) -> Pile:
    first = list(rows[: SHOWN + 1])
    if not first:
        return Pile()
    total = len(first) if len(first) <= SHOWN else rows.count()
    return Pile(waiting_of(first[:SHOWN]), total)


def _branches(user: Any) -> tuple[Branch, ...]:
    ids = [scope.organisation_id for scope in scopes_of(user) if scope.role == Role.SECRETARY]
    if not ids:
        return ()
    here = ~Q(members__stage=Member.Stage.LEFT)
    party_members = Q(members__stage__in=Member.COUNTED)
    found = Organisation.objects.filter(pk__in=ids).annotate(
        member_count=Count("members", filter=here & party_members),
        probationary_count=Count("members", filter=Q(members__stage=Member.Stage.PROBATIONARY)),
        activist_count=Count("members", filter=Q(members__stage__in=[Member.Stage.ACTIVIST, Member.Stage.TARGET])),
    )
    sites = {
        page.organisation_id: page.get_url() or ""
        for page in BranchPage.objects.visible_to(viewer_of(user)).filter(organisation__in=ids)
    }
    return tuple(
        Branch(str(o), sites.get(o.pk, ""), o.member_count, o.probationary_count, o.activist_count) for o in found
    )
