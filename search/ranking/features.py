"""What a learned ranking looks at: numbers about a found row and a query, made from what every engine gives back."""

from __future__ import annotations

import collections
import dataclasses
import functools
import math
from collections.abc import Sequence

from search.analysis.normalize import fold
from search.engines.base import Ranked
from search.query.plan import Plan
from search.ranking.asked import Likeness

NAMES = (
    "score",
    "score_to_best",
    "rank",
    "words",
    "section",
    "section_rank",
    "asked_most",
    "asked_sum",
    "asked_group",
    "authority",
    "length",
    "body_pairs",
    "body_singles",
    "body_share",
    "title_share",
    "context_share",
    "group_among_first",
    "group_before",
    "query_terms",
)
_FIRST = 50
_USUAL_LENGTH = 200.0
_MOST = 2_000


@dataclasses.dataclass(frozen=True)
class QueryWeights:
    """The terms of a query with their weights: rare terms weigh more."""

    weights: dict[str, float]
    pairs: tuple[str, ...]
    singles: tuple[str, ...]
    of_pairs: float


def weigh(plan: Plan, rows: int, frequencies: Sequence[int]) -> QueryWeights:
    """The weights of a plan's terms, from how many of the index's rows each stands in."""
    weights = {
        term: weight * math.log(1 + (rows - count + 0.5) / (count + 0.5))
        for (term, weight), count in zip(plan.terms, frequencies, strict=True)
    }
    pairs = tuple(term for term in weights if len(term) > 1)
    singles = tuple(term for term in weights if len(term) == 1)
    return QueryWeights(weights, pairs, singles, sum(weights[term] for term in pairs) or 1.0)


def features(plan: Plan, asked: QueryWeights, rows: Sequence[Ranked], likeness: Likeness) -> list[list[float]]:
    """One line of numbers, in the order of `NAMES`, for each row, which must be in the order of its rank."""
    lifts = {lift.value: lift.amount for lift in plan.lifts if lift.field == "section"}
    own = {lift.value: lift.amount for lift in plan.lifts if lift.field == "key"}
    sections = sorted({str(row.data["section"]) for row in rows}, key=lambda name: (-lifts.get(name, 0.0), name))
    section_rank = {name: rank for rank, name in enumerate(sections)}
    groups = [f"{row.data['kind']}:{row.data['group']}" for row in rows]
    among_first = collections.Counter(groups[:_FIRST])
    seen: collections.Counter[str] = collections.Counter()
    best = rows[0].score if rows and rows[0].score > 0 else 1.0
    lines: list[list[float]] = []
    for rank, (row, group) in enumerate(zip(rows, groups, strict=True)):
        data = row.data
        section = str(data["section"])
        authority = float(data["authority"])
        lift = lifts.get(section, 0.0)
        body = _folded(f"{data['summary']}\n{data['body'][:_MOST]}")
        length = 1.2 * (0.25 + 0.75 * 2 * len(body) / _USUAL_LENGTH)
        title, context = _folded(data["title"]), _folded(data["context"])
        lines.append(
            [
                row.score,
                row.score / best,
                rank,
                row.score / authority - lift - own.get(row.key, 0.0),
                lift,
                section_rank[section],
                likeness.greatest.get(row.key, 0.0),
                likeness.total.get(row.key, 0.0),
                likeness.groups.get(group, 0.0),
                authority,
                math.log1p(len(data["body"])),
                _sum(asked, asked.pairs, body, length),
                _sum(asked, asked.singles, body, length),
                sum(asked.weights[term] for term in asked.pairs if term in body) / asked.of_pairs,
                sum(asked.weights[term] for term in asked.pairs if term in title) / asked.of_pairs,
                sum(asked.weights[term] for term in asked.pairs if term in context) / asked.of_pairs,
                among_first[group],
                seen[group],
                len(asked.weights),
            ]
        )
        seen[group] += 1
    return lines


def _sum(asked: QueryWeights, terms: tuple[str, ...], body: str, length: float) -> float:
    """Counting a query's few terms in a text is ten times quicker than taking the text apart."""
    return sum(asked.weights[term] * 2.2 * count / (count + length) for term in terms if (count := body.count(term)))


@functools.lru_cache(maxsize=4_096)
def _folded(text: str) -> str:
    return fold(text)
