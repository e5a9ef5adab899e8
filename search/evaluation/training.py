"""Learning on the index in use: from judgements or from what was opened, measured by cross-validation before it is used."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path

from portal.ground.clock import now, today
from portal.ground.suppliers import PUBLIC_TOKEN
from search.engines import current_engine
from search.engines.base import Engine
from search.engines.rows import SECTION_MARK
from search.evaluation.datasets import BadFile, read_lines
from search.models import IndexState
from search.query.plan import Plan, Restriction
from search.query.planner import plan_query
from search.ranking.asked import AskedQuestion
from search.ranking.kept import KeptRanking
from search.ranking.learned import Learned, learn
from search.service import ranked_hits, with_sections

LEAST = 50
"""Fewer judged questions teach nothing that would hold for others."""
_FIRST = 10


class TooLittle(ValueError):
    """There are too few judged questions to learn from."""


def judgements_of(path: Path) -> list[AskedQuestion]:
    """Judged questions about rows of the index; an id is "kind:uid". Answers that no index has are left out. Raises BadFile,
    FileNotFoundError."""
    groups: dict[str, str] = {}
    for kind, group, uids in IndexState.objects.values_list("kind", "group", "rows").iterator():
        groups |= {f"{kind}:{uid}": f"{kind}:{group}" for uid in uids if not uid.startswith(SECTION_MARK)}
    questions = []
    for number, line in read_lines(path):
        try:
            keys = [str(answer["id"]) for answer in line["relevant"]]
            text = str(line["query"])
        except (KeyError, TypeError) as error:
            raise BadFile(f"{path}, line {number}: needs query and relevant with ids") from error
        answers = tuple((key, groups[key]) for key in dict.fromkeys(keys) if key in groups)
        if answers:
            questions.append(AskedQuestion(text, answers))
    return questions


def train_and_measure(
    questions: Sequence[AskedQuestion], source: str, *, folds: int = 5, engine: Engine | None = None
) -> KeptRanking:
    """Learn from all questions, as a reader of what is public. The figures are those of questions that were not learned from,
    each exactly once. Raises TooLittle, NotInstalled, SearchUnavailable."""
    if len(questions) < LEAST:
        raise TooLittle(f"{len(questions)} judged questions are too few to learn from; there should be {LEAST} or more")
    engine = engine or current_engine()
    restriction = Restriction(frozenset({PUBLIC_TOKEN}), 0, int(today().strftime("%Y%m%d")))
    plans = [dataclasses.replace(plan_query(one.text, restriction), gated=False) for one in questions]
    order = list(range(len(questions)))
    random.Random(0).shuffle(order)  # noqa: S311 - a fixed split, not a secret
    found: dict[str, list[tuple[float, float]]] = {"plain": [], "learned": []}
    for fold in range(folds):
        held = sorted(order[fold::folds])
        kept = sorted(set(order) - set(held))
        learned = _learn(engine, [questions[n] for n in kept], [plans[n] for n in kept])
        for number in held:
            found["plain"].append(_score(engine, Learned(), questions[number], plans[number]))
            found["learned"].append(_score(engine, learned, questions[number], plans[number]))
    figures = {
        name: {
            "questions": len(scores),
            "mrr_at_10": round(sum(score for score, _ in scores) / len(scores), 4),
            "recall_at_10": round(sum(recall for _, recall in scores) / len(scores), 4),
        }
        for name, scores in found.items()
    }
    whole = _learn(engine, questions, plans)
    assert whole.booster is not None  # noqa: S101 - `learn` gives one
    return KeptRanking(
        trained_at=now().isoformat(timespec="seconds"),
        source=source,
        is_on=False,
        gains=whole.booster.gains(),
        figures=figures,
        questions=tuple(questions),
        order=whole.booster.text,
    )


def _learn(engine: Engine, questions: Sequence[AskedQuestion], plans: Sequence[Plan]) -> Learned:
    try:
        return learn(engine, questions, [with_sections(engine, plan) for plan in plans])
    except ValueError as error:
        raise TooLittle(f"nothing can be learned from these questions: {error}") from error


def _score(engine: Engine, learned: Learned, question: AskedQuestion, plan: Plan) -> tuple[float, float]:
    """Reciprocal rank and recall among the first ten."""
    rows = ranked_hits(engine, learned, question.text, plan, 0, _FIRST)
    answers = {key for key, _ in question.answers}
    hit = [row.key in answers for row in rows]
    return next((1 / rank for rank, good in enumerate(hit, 1) if good), 0.0), sum(hit) / len(answers)
