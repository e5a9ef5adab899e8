"""Own quizzes, for programs. No key leaves the server by this way."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema

from plugins.bundled.quizzes.domain.queries import PaperState, attempts_of, papers_for, states_for
from plugins.bundled.quizzes.models import Attempt
from plugins.sdk.api import Listing, PageNumber, PerPage, allows, listing
from portal.public import facts

router = Router()


class PaperRow(Schema):
    """A paper, and how things stand between it and the person: `state` is waiting, open, passed, used_up or closed."""

    uid: uuid.UUID
    title: str
    opens_at: dt.datetime
    closes_at: dt.datetime | None
    pass_percent: int
    max_attempts: int
    state: str
    attempts: int
    best_percent: int | None


class AttemptRow(Schema):
    """What the person handed in, as it was graded."""

    uid: uuid.UUID
    paper: uuid.UUID
    title: str
    number: int
    points: int
    points_possible: int
    percent: int
    passed: bool
    submitted_at: dt.datetime


@router.get("/papers", response=Listing[PaperRow], summary=_("本人可以参加的考试，先截止的在前"))
@allows("quizzes.take")
def papers(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 20) -> dict[str, Any]:
    """The papers that the person may see."""
    member = facts.member_of(request.user)

    def together(found: list[Any]) -> list[dict[str, Any]]:
        return [_paper(state) for state in states_for(found, member.uid if member else None)]

    return listing(papers_for(request.user), page, per_page, together=together)


def _paper(state: PaperState) -> dict[str, Any]:
    paper = state.paper
    own = {"state": state.state, "attempts": state.attempts, "best_percent": state.best_percent}
    return own | {name: getattr(paper, name) for name in PaperRow.model_fields if name not in own}


@router.get("/attempts", response=Listing[AttemptRow], summary=_("本人的答卷，新的在前"))
@allows("quizzes.take")
def attempts(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 20) -> dict[str, Any]:
    """What the person handed in. Nothing for somebody without a member file."""
    member = facts.member_of(request.user)
    return listing(attempts_of(member.uid if member else None), page, per_page, _attempt)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    about = {"paper": attempt.paper.uid, "title": attempt.paper.title}
    return about | {name: getattr(attempt, name) for name in AttemptRow.model_fields if name not in about}
