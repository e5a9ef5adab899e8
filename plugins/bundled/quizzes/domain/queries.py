"""Reads. None of them gives a key before the member may see it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Sum, When

from plugins.bundled.quizzes.domain.answers import LETTERS, read_options
from plugins.bundled.quizzes.models import Attempt, Paper
from plugins.sdk import CardContext, SlotContext, now
from portal.public import facts


@dataclasses.dataclass(frozen=True)
class OptionShown:
    """An option as the candidate sees it."""

    letter: str
    text: str


@dataclasses.dataclass(frozen=True)
class QuestionShown:
    """A question as the candidate sees it: no key, no explanation."""

    uid: uuid.UUID
    kind: str
    kind_label: str
    stem: str
    score: int
    options: tuple[OptionShown, ...]


@dataclasses.dataclass(frozen=True)
class PaperState:
    """How things stand between a member and a paper. `state` is waiting, open, passed, used_up or closed."""

    paper: Paper
    state: str
    attempts: int
    best_percent: int | None

    @property
    def can_take(self) -> bool:
        """Whether the member may hand in (again) now."""
        return self.state in {"open", "passed"} and self.attempts < self.paper.max_attempts and self.is_in_window

    @property
    def is_in_window(self) -> bool:
        """Whether the paper is open by the server's clock."""
        moment = now()
        return self.paper.opens_at <= moment and (self.paper.closes_at is None or moment <= self.paper.closes_at)


def papers_for(user: Any) -> QuerySet[Paper]:
    """The published papers a person may see: those that close first on top, those that have closed at the end."""
    return (
        Paper.objects.filter(facts.visible_filter(user), is_published=True)
        .annotate(
            question_count=Count("questions"),
            total_score=Sum("questions__score"),
            is_over=Case(When(closes_at__lt=now(), then=1), default=0, output_field=IntegerField()),
        )
        .order_by("is_over", F("closes_at").asc(nulls_last=True), "-opens_at", "pk")
    )


def states_for(papers: list[Paper], member_uid: uuid.UUID | None) -> list[PaperState]:
    """The state of each paper for a member, with one query for all."""
    rows = (
        Attempt.objects.filter(paper__in=papers, member_uid=member_uid)
        .values("paper_id")
        .annotate(count=Count("pk"), best=Max("percent"), passes=Count("pk", filter=Q(passed=True)))
        if member_uid is not None
        else []
    )
    known = {row["paper_id"]: row for row in rows}
    return [_state(paper, known.get(paper.pk), now()) for paper in papers]


def _state(paper: Paper, row: dict[str, Any] | None, moment: dt.datetime) -> PaperState:
    attempts, best = (row["count"], row["best"]) if row else (0, None)
    if row and row["passes"]:
        state = "passed"
    elif moment < paper.opens_at:
        state = "waiting"
    elif paper.closes_at is not None and moment > paper.closes_at:
        state = "closed"
    elif attempts >= paper.max_attempts:
        state = "used_up"
    else:
        state = "open"
    return PaperState(paper, state, attempts, best)


def attempts_of(member_uid: uuid.UUID | None) -> QuerySet[Attempt]:
    """What a member handed in, newest first; nothing for None."""
    rows = Attempt.objects.filter(member_uid=member_uid) if member_uid is not None else Attempt.objects.none()
    return rows.select_related("paper").order_by("-submitted_at", "-pk")


def questions_shown(paper: Paper) -> list[QuestionShown]:
    """The questions without key and explanation."""
    return [
        QuestionShown(
            uid=question.uid,
            kind=question.kind,
            kind_label=question.get_kind_display(),
            stem=question.stem,
            score=question.score,
            options=tuple(
                OptionShown(letter, text)
                for letter, text in zip(LETTERS, read_options(question.kind, question.options), strict=False)
            ),
        )
        for question in paper.questions.all()
    ]


def may_see_key(attempt: Attempt) -> bool:
    """Keys and explanations are shown once they help nobody any more: passed, no attempt left, or the paper closed."""
    paper = attempt.paper
    if paper.closes_at is not None and now() > paper.closes_at:
        return True
    mine = Attempt.objects.filter(paper=paper, member_uid=attempt.member_uid)
    return mine.filter(passed=True).exists() or mine.count() >= paper.max_attempts


def result_lines(attempt: Attempt, *, with_key: bool) -> list[dict[str, Any]]:
    """The graded questions of an attempt for its page; without the key only whether each was right."""
    lines = []
    for line in attempt.result:
        shown = {
            "stem": line["stem"],
            "score": line["score"],
            "points": line["points"],
            "is_right": line["points"] == line["score"],
            "options": [
                {
                    "letter": letter,
                    "text": text,
                    "chosen": letter in line["answer"],
                    "right": with_key and letter in line["key"],
                }
                for letter, text in zip(LETTERS, line["options"], strict=False)
            ],
            "key": line["key"] if with_key else "",
            "explanation": line["explanation"] if with_key else "",
        }
        lines.append(shown)
    return lines


def due_card_for(context: CardContext) -> dict[str, Any] | None:
    """The workbench card: open papers this member has not passed."""
    member = facts.member_of(context.user)
    if member is None:
        return None
    states = states_for(list(papers_for(context.user)[:50]), member.uid)
    due = [state for state in states if state.state == "open"]
    return {"due": due[:5], "count": len(due)}


def course_slot_for(context: SlotContext) -> dict[str, Any] | None:
    """Under a course: its papers."""
    course_uid = getattr(context.subject, "uid", None)
    if course_uid is None:
        return None
    papers = list(papers_for(context.user).filter(course_uid=course_uid))
    if not papers:
        return None
    member = facts.member_of(context.user)
    return {"states": states_for(papers, member.uid if member else None)}
