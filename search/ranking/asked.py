"""What was asked before: questions with the rows they led to. A new question lifts the rows of those most like it.

Kept in memory, not in the index: a few thousand short texts, the same on both engines, and new ones count at once. The lifts
name keys of rows; the engine still decides who may see them.
"""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from search.analysis import grams

NEIGHBOURS = 20
LIFT = 24.0
"""What the most similar question possible adds to a BM25 score; the like of a good match of the words."""
LEAST_LIKENESS = 0.05


@dataclasses.dataclass(frozen=True)
class AskedQuestion:
    """A question and what answered it: pairs of row key and group key."""

    text: str
    answers: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Likeness:
    """How much the questions like this one speak for rows and groups: the greatest likeness and the sum, 0 to `NEIGHBOURS`."""

    greatest: Mapping[str, float]
    total: Mapping[str, float]
    groups: Mapping[str, float]


class AskedBefore:
    """Questions by the cosine of their weighted characters and pairs."""

    def __init__(self, questions: Iterable[AskedQuestion]) -> None:
        self.questions = tuple(questions)
        tokens = [collections.Counter(grams.index_tokens(question.text)) for question in self.questions]
        many = len(tokens)
        known = collections.Counter(term for one in tokens for term in one)
        self._weights = {term: math.log(1 + (many - count + 0.5) / (count + 0.5)) for term, count in known.items()}
        self._rare = math.log(1 + (many + 0.5) / 0.5)
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for number, one in enumerate(tokens):
            for term, weight in self._vector(one).items():
                self._postings.setdefault(term, []).append((number, weight))

    def _vector(self, tokens: Mapping[str, int]) -> dict[str, float]:
        raw = {term: (1 + math.log(count)) * self._weights.get(term, self._rare) for term, count in tokens.items()}
        length = math.sqrt(sum(value * value for value in raw.values()))
        return {term: value / length for term, value in raw.items()} if length else {}

    def like(self, text: str, *, leave_out: int | None = None) -> Likeness:
        """What the most similar questions speak for. `leave_out` is the number of a question that must not count: the one
        that is asked, while a model is trained on it."""
        likeness: dict[int, float] = {}
        for term, weight in self._vector(collections.Counter(grams.index_tokens(text))).items():
            for number, other in self._postings.get(term, ()):
                likeness[number] = likeness.get(number, 0.0) + weight * other
        if leave_out is not None:
            likeness.pop(leave_out, None)
        nearest = sorted(likeness.items(), key=lambda pair: (-pair[1], pair[0]))[:NEIGHBOURS]
        greatest: dict[str, float] = {}
        total: dict[str, float] = {}
        groups: dict[str, float] = {}
        for number, value in nearest:
            if value < LEAST_LIKENESS:
                break
            answers = self.questions[number].answers
            for key, _ in answers:
                greatest[key] = max(greatest.get(key, 0.0), value)
                total[key] = total.get(key, 0.0) + value
            for group in {group for _, group in answers}:
                groups[group] = groups.get(group, 0.0) + value
        return Likeness(greatest, total, groups)


def lifts_of(likeness: Likeness) -> Sequence[tuple[str, float]]:
    """Keys of rows with the amounts to add to their scores."""
    return [(key, round(LIFT * value, 4)) for key, value in sorted(likeness.greatest.items())]
