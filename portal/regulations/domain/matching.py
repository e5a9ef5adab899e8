"""Which article of a new text continues which article of an old one: by text, never by number."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz import fuzz, process

AMENDED = 0.6  # measured on 81 pairs of versions: below it an article is a new one
_CONTAINED = 90.0
_SHORTEST = 16  # characters; shorter texts are contained in anything
_MOST_COMPARISONS = 400_000


@dataclasses.dataclass(frozen=True)
class Piece:
    """An article for comparing. `pool` keeps articles, preambles and annexes apart."""

    text: str
    digest: str
    path: str
    pool: str = "article"


@dataclasses.dataclass(frozen=True)
class Pair:
    """Indexes of an old and a new piece; similarity 1.0 is word-identical."""

    old: int
    new: int
    similarity: float


@dataclasses.dataclass(frozen=True)
class Matching:
    """`pairs` is one to one. `splits` are (old, new) where the new one holds a part of an old one that goes on elsewhere;
    `merges` are (old, new) where an old one went into a new one that continues another."""

    pairs: list[Pair]
    splits: list[Pair]
    merges: list[Pair]


def match(old: Sequence[Piece], new: Sequence[Piece]) -> Matching:
    """Pair two versions: word-identical pieces first, those with the same path before others; then the most similar."""
    pairs: list[Pair] = []
    old_left = set(range(len(old)))
    new_left = set(range(len(new)))

    by_digest: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, piece in enumerate(old):
        by_digest[(piece.pool, piece.digest)].append(index)
    for same_path in (True, False):
        for index in sorted(new_left):
            twins = by_digest.get((new[index].pool, new[index].digest), [])
            twin = next((i for i in twins if not same_path or old[i].path == new[index].path), None)
            if twin is not None:
                twins.remove(twin)
                pairs.append(Pair(twin, index, 1.0))
                old_left.discard(twin)
                new_left.discard(index)

    close = _similar(old, new, sorted(old_left), sorted(new_left))
    close.sort(key=lambda pair: (-pair.similarity, old[pair.old].path != new[pair.new].path, pair.new, pair.old))
    for pair in close:
        if pair.old in old_left and pair.new in new_left:
            pairs.append(pair)
            old_left.discard(pair.old)
            new_left.discard(pair.new)

    paired_old = [pair.old for pair in pairs if pair.similarity < 1.0]
    paired_new = [pair.new for pair in pairs if pair.similarity < 1.0]
    splits = [Pair(o, n, s) for n, o, s in _contained(new, sorted(new_left), old, paired_old)]
    merges = [Pair(o, n, s) for o, n, s in _contained(old, sorted(old_left), new, paired_new)]
    return Matching(pairs, splits, merges)


def _similar(old: Sequence[Piece], new: Sequence[Piece], old_left: list[int], new_left: list[int]) -> list[Pair]:
    found: list[Pair] = []
    for pool in {new[index].pool for index in new_left}:
        candidates = {index: old[index].text for index in old_left if old[index].pool == pool and old[index].text}
        if not candidates:
            continue
        for index in new_left:
            if new[index].pool != pool or not new[index].text:
                continue
            for _, score, other in process.extract(
                new[index].text, candidates, scorer=fuzz.ratio, score_cutoff=AMENDED * 100, limit=8
            ):
                found.append(Pair(other, index, round(score / 100, 4)))
    return found


def _contained(
    small: Sequence[Piece], small_left: list[int], large: Sequence[Piece], large_paired: list[int]
) -> list[tuple[int, int, float]]:
    """For each piece left over, the changed piece of the other side that holds nearly all of its text."""
    if len(small_left) * len(large_paired) > _MOST_COMPARISONS:
        return []
    found: list[tuple[int, int, float]] = []
    for index in small_left:
        text = small[index].text
        if len(text) < _SHORTEST:
            continue
        holders = {
            other: large[other].text
            for other in large_paired
            if large[other].pool == small[index].pool and len(large[other].text) > len(text)
        }
        best = (
            process.extractOne(text, holders, scorer=fuzz.partial_ratio, score_cutoff=_CONTAINED) if holders else None
        )
        if best:
            found.append((index, best[2], round(best[1] / 100, 4)))
    return found
