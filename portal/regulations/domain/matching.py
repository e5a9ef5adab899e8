"""Which article of a new text continues which article of an old one: by text, never by number.

First what is word-identical, then what is alike, then what is less alike but stands where it should: between the
neighbours of the article it continues. What is left may be a part of an old article that goes on elsewhere (split), and an
old one that is left may have gone into a new one (merged). At last sentences that moved from one article into another.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from portal.regulations.domain.parsing.balance import solid

ALIKE = 0.6  # alike enough wherever it stands: measured on 81 pairs of versions
_WORTH_COMPARING = 0.3  # share of the text, common words aside, that two pieces must have in common
_SHORT = 20  # characters: all of a shorter text is contained in many others
_NEAR = 3  # places away from where a piece is expected
_FAR = 1_000_000
_SENTENCE = re.compile(r"[^。；：:;\n]{10,}")
_PART = 0.1  # of a new article that a sentence from elsewhere makes up at least
_TELLING = 12  # characters: a shorter sentence stands in many articles
_REFERENCE = re.compile(
    r"第[〇零一二三四五六七八九十百千0-9]+条"
)  # its number changes when the article meant is renumbered
_PURPOSE = re.compile(r"制定本\w{1,6}[。.]?$")
_COMMENCEMENT = re.compile(r"^本\w{1,6}自.{3,20}起(?:施行|实施|生效)")


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
    """`pairs` is one to one. `splits` are (old, new) where the new one holds a part of an old one that goes on elsewhere
    (it may continue a third one besides); `merges` are (old, new) where an old one went into a new one that continues another."""

    pairs: list[Pair]
    splits: list[Pair]
    merges: list[Pair]


@dataclasses.dataclass(frozen=True)
class _Likeness:
    """`ratio` compares letter by letter; `of_new` and `of_old` say how much of each text the other holds, rare words
    counting more than common ones. All 0 to 1."""

    ratio: float
    of_new: float
    of_old: float

    @property
    def both(self) -> float:
        return (self.of_new + self.of_old) / 2

    @property
    def best(self) -> float:
        return max(self.ratio, self.both)

    @property
    def score(self) -> float:
        """For pieces that are less alike: one that holds nearly all of the other counts as well."""
        held = max(self.of_new, self.of_old)
        even = math.sqrt(self.of_new * self.of_old)
        return max(self.ratio * 0.8, self.both * 0.9, even * 1.1, held * 0.75 if held >= 0.75 else 0.0)


def match(old: Sequence[Piece], new: Sequence[Piece]) -> Matching:
    """Pair two versions; see the module. Quadratic only in the articles that changed: 500 x 500 take some 0.5 s."""
    pairing = _Pairing(old, new)
    pairing.pair_identical()
    pairing.compare()
    pairing.pair_alike()
    pairing.pair_in_place()
    pairing.pair_for_want_of_others()
    pairing.pair_by_office()
    splits, merges = pairing.splits(), pairing.merges()
    for pair in pairing.moved_sentences({(p.old, p.new) for p in (*splits, *merges)}):
        (merges if pair.old in pairing.old_left else splits).append(pair)
    return Matching(pairing.pairs, splits, merges)


class _Pairing:
    def __init__(self, old: Sequence[Piece], new: Sequence[Piece]) -> None:
        self.old, self.new = old, new
        self.pairs: list[Pair] = []
        self.old_left = set(range(len(old)))
        self.new_left = set(range(len(new)))
        self._likeness: dict[tuple[int, int], _Likeness] = {}
        self._continues: dict[int, int] = {}  # new -> old
        self._holders: dict[str, list[tuple[int, int]]] = defaultdict(list)  # pair of characters -> old ones, how often

    def _take(self, old: int, new: int, similarity: float) -> None:
        self.pairs.append(Pair(old, new, similarity))
        self.old_left.discard(old)
        self.new_left.discard(new)
        self._continues[new] = old

    def pair_identical(self) -> None:
        """The same words: with the same path first."""
        by_digest: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, piece in enumerate(self.old):
            by_digest[(piece.pool, piece.digest)].append(index)
        for same_path in (True, False):
            for index in sorted(self.new_left):
                piece = self.new[index]
                twins = by_digest.get((piece.pool, piece.digest), [])
                twin = next((i for i in twins if not same_path or self.old[i].path == piece.path), None)
                if twin is not None:
                    twins.remove(twin)
                    self._take(twin, index, 1.0)

    def compare(self) -> None:
        """Compare what is left on either side with all on the other. Texts that share few of their rarer words are not compared letter by letter."""
        old_texts = [solid(piece.text) for piece in self.old]
        new_texts = [solid(piece.text) for piece in self.new]
        self._old_grams = [_grams(_REFERENCE.sub("第条", text)) for text in old_texts]
        self._new_grams = [_grams(_REFERENCE.sub("第条", text)) for text in new_texts]
        weights = self._gram_weight = self._weights()
        holders = self._holders
        for index, grams in enumerate(self._old_grams):
            for gram, count in grams.items():
                holders[gram].append((index, count))
        old_weight = [sum(weights[g] * c for g, c in grams.items()) for grams in self._old_grams]
        changed = set(self.new_left) if self.new_left else set()
        if self.old_left:
            changed |= set(self._continues)  # an old piece may have gone into one that is otherwise unchanged
        for index in sorted(changed):
            grams = self._new_grams[index]
            if not grams:
                continue
            is_left = index in self.new_left
            shared: dict[int, float] = defaultdict(float)
            for gram, count in grams.items():
                weight = weights[gram]
                for other, times in holders.get(gram, ()):
                    shared[other] += weight * min(count, times)
            weight_of_new = sum(weights[gram] * count for gram, count in grams.items())
            for other, common in shared.items():
                if self.old[other].pool != self.new[index].pool or not (is_left or other in self.old_left):
                    continue
                of_new, of_old = common / weight_of_new, common / old_weight[other]
                if max(of_new, of_old) >= _WORTH_COMPARING or of_new + of_old >= _WORTH_COMPARING:
                    ratio = fuzz.ratio(old_texts[other], new_texts[index]) / 100
                    self._likeness[(other, index)] = _Likeness(ratio, of_new, of_old)

    def _weights(self) -> dict[str, float]:
        """How much each pair of characters tells: what stands in every article tells nothing."""
        found: Counter[str] = Counter()
        for grams in (*self._old_grams, *self._new_grams):
            found.update(grams.keys())
        total = len(self.old) + len(self.new)
        return {gram: math.log(total / count) + 0.1 for gram, count in found.items()}

    # --- one to one --------------------------------------------------------------------------------------------------
    def pair_alike(self) -> None:
        """The most alike first; of twins that stand in different places, the one that stands where it should."""
        places = self._places()
        found = [
            (likeness.best - min(places.distance(old, new), 40) / 250, old, new)
            for (old, new), likeness in self._left()
            if likeness.best >= ALIKE and (likeness.ratio >= 0.5 or likeness.both >= 0.7)
        ]
        self._take_best(found)

    def pair_in_place(self) -> None:
        """What is less alike, between the neighbours of the article it continues; twice, as each pair shows new places."""
        for least in (0.45, 0.33):
            places = self._places()
            found = []
            whole_elsewhere = self._whole_elsewhere()
            for (old, new), likeness in self._left():
                away = places.distance(old, new)
                if new in whole_elsewhere and likeness.of_new < 0.6:
                    continue  # a piece of an article that goes on, and no heir of the one that stood here
                if (away <= _NEAR and likeness.score >= least + 0.03 * away) or likeness.both >= 0.5:
                    found.append((likeness.score - min(away, 5) / 50, old, new))
            self._take_best(found)

    def pair_for_want_of_others(self) -> None:
        """Each the other's best of all that are left, by far: an article that was rewritten and moved."""
        of_old: dict[int, list[tuple[float, int]]] = defaultdict(list)
        of_new: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for (old, new), likeness in self._left():
            of_old[old].append((likeness.score, new))
            of_new[new].append((likeness.score, old))
        found = []
        for new, scores in of_new.items():
            score, old = max(scores)
            rivals = [other for other, index in (*scores, *of_old[old]) if index not in (old, new)]
            if (
                self._likeness[(old, new)].both >= 0.32
                and max(of_old[old])[1] == new
                and max(rivals, default=0) <= score * 0.8
            ):
                found.append((score, old, new))
        self._take_best(found)

    def _whole_elsewhere(self) -> set[int]:
        """New pieces left over of which an old one that goes on elsewhere holds nearly every word."""
        return {
            new
            for (old, new), likeness in self._likeness.items()
            if likeness.of_new >= 0.9 and new in self.new_left and old not in self.old_left
        }

    def pair_by_office(self) -> None:
        """What says why the text was made, and from when it holds, has one heir however it is worded."""
        for pattern in (_PURPOSE, _COMMENCEMENT):
            olds = [i for i in self.old_left if pattern.search(self.old[i].text.strip())]
            news = [i for i in self.new_left if pattern.search(self.new[i].text.strip())]
            if len(olds) == len(news) == 1 and self.old[olds[0]].pool == self.new[news[0]].pool:
                ratio = fuzz.ratio(solid(self.old[olds[0]].text), solid(self.new[news[0]].text)) / 100
                self._take(olds[0], news[0], round(min(ratio, 0.9999), 4))

    def _left(self) -> list[tuple[tuple[int, int], _Likeness]]:
        return [
            (key, likeness)
            for key, likeness in self._likeness.items()
            if key[0] in self.old_left and key[1] in self.new_left
        ]

    def _take_best(self, found: Iterable[tuple[float, int, int]]) -> None:
        for _, old, new in sorted(found, key=lambda item: (-item[0], item[2], item[1])):
            if old in self.old_left and new in self.new_left:
                self._take(old, new, self._similarity(old, new))

    def _similarity(self, old: int, new: int) -> float:
        return round(min(self._likeness[(old, new)].best, 0.9999), 4)

    def _places(self) -> _Places:
        return _Places(len(self.old), len(self.new), self._continues)

    # --- what is left ------------------------------------------------------------------------------------------------
    def splits(self) -> list[Pair]:
        """For each new piece left over, the old one that goes on elsewhere and holds most of its text, or what it holds is
        just what the one that goes on has not. What one piece has taken over, the next cannot take."""
        goes_on = {pair.old: pair.new for pair in self.pairs}
        places = self._places()
        lost = {old: self._old_grams[old] - self._new_grams[new] for old, new in goes_on.items()}
        claims = sorted(
            (
                (likeness.of_new + self._share(new, lost[old]), old, new)
                for (old, new), likeness in self._likeness.items()
                if new in self.new_left and old not in self.old_left and len(self.new[new].text) >= _SHORT
            ),
            key=lambda claim: (-claim[0], claim[2], claim[1]),
        )
        found: dict[int, Pair] = {}
        for _, old, new in claims:
            likeness, given_up = self._likeness[(old, new)], self._share(new, lost[old])
            in_place = likeness.score >= 0.4 and places.distance(old, new) == 0
            part = given_up >= 0.25 or (likeness.of_new >= 0.5 and given_up >= 0.2)
            if new not in found and (likeness.of_new >= 0.68 or part or in_place):
                found[new] = Pair(old, new, round(min(likeness.of_new, 0.9999), 4))
                lost[old] = lost[old] - self._new_grams[new]
        return [found[new] for new in sorted(found)]

    def _share(self, new: int, grams: Counter[str]) -> float:
        """How much of the new piece these words make up."""
        return self._held(self._new_grams[new], grams)

    def _held(self, part: Counter[str], whole: Counter[str]) -> float:
        weight = sum(self._gram_weight[gram] * count for gram, count in part.items())
        common = sum(self._gram_weight[gram] * min(count, whole[gram]) for gram, count in part.items() if gram in whole)
        return common / weight if weight else 0.0

    def merges(self) -> list[Pair]:
        """For each old piece left over, the new one that continues another and holds most of its text."""
        best: dict[int, tuple[float, int]] = {}
        for (old, new), likeness in self._likeness.items():
            if old not in self.old_left or new in self.new_left or len(self.old[old].text) < _SHORT:
                continue
            away = abs(self._continues[new] - old)
            beside = away <= 1 and likeness.of_old >= 0.45
            if likeness.of_old >= 0.85 or (likeness.of_old >= 0.6 and away <= 2 * _NEAR) or beside:
                best[old] = max(best.get(old, (0.0, 0)), (likeness.of_old, new))
        return [Pair(old, new, round(score, 4)) for old, (score, new) in sorted(best.items())]

    def moved_sentences(self, known: set[tuple[int, int]]) -> list[Pair]:
        """Sentences of a new article that its predecessor has not, and that stood in an old one whose heir has them no more."""
        if not self._holders:
            return []
        heirs = {pair.old: pair.new for pair in self.pairs}
        identical = {pair.new for pair in self.pairs if pair.similarity == 1.0}
        taken: Counter[tuple[int, int]] = Counter()
        for new in range(len(self.new)):
            if new in identical:
                continue
            before = self._continues.get(new)
            for sentence in _SENTENCE.findall(self.new[new].text):
                text = solid(_REFERENCE.sub("第条", sentence))
                grams = _grams(text)
                if len(text) < _TELLING or (before is not None and self._held(grams, self._old_grams[before]) >= 0.5):
                    continue
                sources = self._sources(new, grams)
                if len(sources) != 1:
                    continue  # what stands in several articles moved from none of them
                heir = heirs.get(sources[0])
                if heir is None or heir == new or self._held(grams, self._new_grams[heir]) < 0.6:
                    taken[(sources[0], new)] += len(text)
        return [
            Pair(old, new, round(min(length / len(solid(self.new[new].text)), 0.9999), 4))
            for (old, new), length in sorted(taken.items())
            if (old, new) not in known and self._continues.get(new) != old and length >= _PART * len(self.new[new].text)
        ]

    def _sources(self, new: int, grams: Counter[str]) -> list[int]:
        """The old articles that hold nearly all of a sentence."""
        shared: dict[int, float] = defaultdict(float)
        for gram, count in grams.items():
            for old, times in self._holders.get(gram, ()):
                shared[old] += self._gram_weight[gram] * min(count, times)
        least = 0.75 * sum(self._gram_weight[gram] * count for gram, count in grams.items())
        return [old for old, weight in shared.items() if weight >= least and self.old[old].pool == self.new[new].pool]


class _Places:
    """Where an article is expected: between the old articles that its neighbours continue."""

    def __init__(self, olds: int, news: int, continues: dict[int, int]) -> None:
        self._before: list[int] = []
        last = -1
        for index in range(news):
            self._before.append(last)
            last = continues.get(index, last)
        self._after: list[int] = [olds] * news
        following = olds
        for index in range(news - 1, -1, -1):
            self._after[index] = following
            following = continues.get(index, following)

    def distance(self, old: int, new: int) -> int:
        """How many places an old article stands away from where the new one would have it: 0 between its neighbours."""
        before, after = self._before[new], self._after[new]
        if before < old < after:
            return 0
        # beside one neighbour, if the other one was moved from elsewhere
        return min(
            old - before - 1 if old > before else _FAR,
            after - old - 1 if old < after else _FAR,
            before - old if old < before else _FAR,
            old - after if old > after else _FAR,
        )


def _grams(text: str) -> Counter[str]:
    return Counter(text[index : index + 2] for index in range(len(text) - 1))
