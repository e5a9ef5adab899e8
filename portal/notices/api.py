"""Operations of the API about what a person was told and has to do."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from plugins.sdk.api import SIGNED_IN, Listing, PageNumber, PerPage, allows, listing
from portal.notices.domain.notices import mark_read, notices_of
from portal.notices.domain.tasks import tasks_of, tick_off
from portal.notices.models import Notice, Task

router = Router(tags=[_("通知与待办")])


class NoticeRow(Schema):
    """Something the person was told."""

    uid: uuid.UUID
    kind: str
    title: str
    url: str
    made_at: dt.datetime
    read_at: dt.datetime | None


class TaskRow(Schema):
    """Something the person has to do. `by_hand` says that it can be ticked off; else doing it closes it."""

    uid: uuid.UUID
    kind: str
    title: str
    url: str
    due_on: dt.date | None
    opened_at: dt.datetime
    by_hand: bool


class Marked(Schema):
    """How many were unread."""

    marked: int


class Done(Schema):
    """The task that is done."""

    uid: uuid.UUID


def _notice(notice: Notice) -> dict[str, Any]:
    return {name: getattr(notice, name) for name in NoticeRow.model_fields}


def _task(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in TaskRow.model_fields}


@router.get("/notices", response=Listing[NoticeRow], summary=_("本人的通知，新的在前"))
@allows(SIGNED_IN, scope="desk.read")
def notices(
    request: HttpRequest,
    unread: bool = Query(False, description=_("只列未读的")),
    page: PageNumber = 1,
    per_page: PerPage = 20,
) -> dict[str, Any]:
    """What the person was told; reading it here does not mark it as read."""
    return listing(notices_of(request.user, unread_only=unread), page, per_page, _notice)


@router.post("/notices/read", response=Marked, summary=_("把本人的通知全部标为已读"))
@allows(SIGNED_IN, scope="desk.write")
def read_all(request: HttpRequest) -> dict[str, int]:
    """Mark all as read."""
    return {"marked": mark_read(request.user)}


@router.get("/tasks", response=Listing[TaskRow], summary=_("本人的待办，先到期的在前"))
@allows(SIGNED_IN, scope="desk.read")
def tasks(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 20) -> dict[str, Any]:
    """What the person has to do now."""
    return listing(tasks_of(request.user), page, per_page, _task)


@router.post("/tasks/{uid}/done", response=Done, summary=_("把一项可以手工办结的待办标为完成"))
@allows(SIGNED_IN, scope="desk.write")
def done(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """Tick a task off. 404 for one that is not the person's, is closed, or is closed by doing it."""
    task = tick_off(request.user, uid)
    if task is None:
        raise Http404
    return {"uid": task.uid}
