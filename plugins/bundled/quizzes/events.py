"""What the quizzes tell others."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event, now


@dataclasses.dataclass(frozen=True, kw_only=True)
class QuizPassed(Event):
    """A member passed a paper for the first time. `score` is in percent, 0 to 100."""

    name = "quizzes.passed"
    member_uid: uuid.UUID
    paper_uid: uuid.UUID
    title: str = ""
    score: int = 0
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)
