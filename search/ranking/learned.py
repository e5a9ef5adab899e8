"""What was learned from use or from judgements: questions asked before, and an order of the best candidates."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from search.engines.base import Engine, Ranked
from search.query.plan import Lift, Plan
from search.ranking.asked import AskedBefore, AskedQuestion, Likeness, lifts_of
from search.ranking.booster import Booster, Judged, train
from search.ranking.features import features, weigh

DEPTH = 200
"""So many of the best rows are ordered anew."""
_NOTHING = Likeness({}, {}, {})


@dataclasses.dataclass(frozen=True)
class Learned:
    """Both parts; either may be missing."""

    asked: AskedBefore | None = None
    booster: Booster | None = None

    def lifted(self, query: str, plan: Plan) -> tuple[Plan, Likeness]:
        """The plan with the lifts of what was asked before."""
        return _lifted(self.asked, query, plan)

    def order(self, engine: Engine, plan: Plan, rows: Sequence[Ranked], likeness: Likeness) -> list[Ranked]:
        """The rows in the learned order; as they are without a learned one."""
        if self.booster is None or len(rows) < 2:
            return list(rows)
        scores = self.booster.scores(_lines(engine, plan, rows, likeness))
        order = sorted(range(len(rows)), key=lambda number: (-scores[number], number))
        return [rows[number] for number in order]


def learn(engine: Engine, questions: Sequence[AskedQuestion], plans: Sequence[Plan]) -> Learned:
    """Learn from questions with their answers; `plans` are theirs, sections lifted. What a question teaches the order is
    worked out without the question itself among those asked before, or the order would learn to believe them too much.
    Raises ValueError, NotInstalled (see `train`), SearchUnavailable."""
    asked = AskedBefore(questions)
    judged = []
    for number, (question, plan) in enumerate(zip(questions, plans, strict=True)):
        lifted, likeness = _lifted(asked, question.text, plan, leave_out=number)
        rows = engine.hits(lifted, 0, DEPTH)
        answers = {key for key, _ in question.answers}
        judged.append(Judged(_lines(engine, lifted, rows, likeness), [row.key in answers for row in rows]))
    return Learned(asked, train(judged))


def _lifted(
    asked: AskedBefore | None, query: str, plan: Plan, *, leave_out: int | None = None
) -> tuple[Plan, Likeness]:
    if asked is None:
        return plan, _NOTHING
    likeness = asked.like(query, leave_out=leave_out)
    lifts = tuple(Lift("key", key, amount) for key, amount in lifts_of(likeness))
    return dataclasses.replace(plan, lifts=plan.lifts + lifts), likeness


def _lines(engine: Engine, plan: Plan, rows: Sequence[Ranked], likeness: Likeness) -> list[list[float]]:
    if not rows:
        return []
    return features(plan, weigh(plan, *engine.frequencies([term for term, _ in plan.terms])), rows, likeness)
