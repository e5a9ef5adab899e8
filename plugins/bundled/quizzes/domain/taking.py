"""Handing in a paper: the window, the number of attempts and the marks are the server's alone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from plugins.bundled.quizzes.domain.answers import plain_answer, points_for, read_options
from plugins.bundled.quizzes.events import QuizPassed
from plugins.bundled.quizzes.models import Attempt, Paper
from plugins.sdk import now, publish


class CannotSubmit(Exception):
    """Base of the refusals; nothing was written."""


class NotOpen(CannotSubmit):
    """Before the paper opens, or it is not published."""


class Closed(CannotSubmit):
    """After the paper closed, by the server's clock."""


class NoAttemptsLeft(CannotSubmit):
    """The member handed in as often as the paper allows."""


class SubmissionUsedOtherwise(CannotSubmit):
    """The same form was handed in before with other answers, or by somebody else."""


def submit(
    *,
    paper: Paper,
    member_uid: uuid.UUID,
    submission_uid: uuid.UUID,
    chosen: Mapping[str, Sequence[str]],
    at: dt.datetime | None = None,
) -> Attempt:
    """Grade and seal what a member hands in. `chosen` maps question uids to letters; questions left out count as unanswered.

    `submission_uid` was made with the form: the same again gives the attempt that is there. Raises NotOpen, Closed, NoAttemptsLeft,
    SubmissionUsedOtherwise. Writes Attempt; emits QuizPassed at the member's first pass.
    """
    moment = at or now()
    result = _graded(paper, chosen)
    answers = {line["uid"]: line["answer"] for line in result}
    try:
        with transaction.atomic():
            Paper.objects.select_for_update().get(pk=paper.pk)
            there = Attempt.objects.filter(uid=submission_uid).first()
            if there is not None:
                return _same(there, paper, member_uid, answers)
            refuse_outside_window(paper, moment)
            earlier = Attempt.objects.filter(paper=paper, member_uid=member_uid)
            number = earlier.count() + 1
            if number > paper.max_attempts:
                raise NoAttemptsLeft
            passed_before = earlier.filter(passed=True).exists()
            points, possible = sum(line["points"] for line in result), sum(line["score"] for line in result)
            percent = points * 100 // possible if possible else 0
            attempt = Attempt.objects.create(
                uid=submission_uid,
                paper=paper,
                member_uid=member_uid,
                number=number,
                answers=answers,
                result=result,
                points=points,
                points_possible=possible,
                percent=percent,
                passed=bool(possible) and points * 100 >= possible * paper.pass_percent,
                submitted_at=moment,
            )
            if attempt.passed and not passed_before:
                publish(
                    QuizPassed(
                        member_uid=member_uid,
                        paper_uid=paper.uid,
                        title=paper.title,
                        score=percent,
                        occurred_at=moment,
                    )
                )
            return attempt
    except IntegrityError:  # the same form arrived twice at the same moment
        there = Attempt.objects.filter(uid=submission_uid).first()
        if there is None:
            raise
        return _same(there, paper, member_uid, answers)


def refuse_outside_window(paper: Paper, moment: dt.datetime) -> None:
    """Raises NotOpen or Closed when the paper cannot be taken at `moment`."""
    if not paper.is_published or moment < paper.opens_at:
        raise NotOpen
    if paper.closes_at is not None and moment > paper.closes_at:
        raise Closed


def _same(there: Attempt, paper: Paper, member_uid: uuid.UUID, answers: dict[str, str]) -> Attempt:
    if (there.paper_id, there.member_uid, there.answers) != (paper.pk, member_uid, answers):
        raise SubmissionUsedOtherwise
    return there


def _graded(paper: Paper, chosen: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Each question as it stands now, with what was chosen and what that earns."""
    lines = []
    for question in paper.questions.all():
        options = read_options(question.kind, question.options)
        answer = plain_answer(question.kind, chosen.get(str(question.uid), ()), len(options))
        lines.append(
            {
                "uid": str(question.uid),
                "kind": question.kind,
                "stem": question.stem,
                "options": options,
                "key": question.key,
                "answer": answer,
                "explanation": question.explanation,
                "score": question.score,
                "points": points_for(answer, question.key, question.score),
            }
        )
    return lines
