"""What is near a query by meaning, and how it is put together with what its words find.

Reciprocal rank fusion: a row scores 1 / (`RANK` + its rank) in each of the two lists. Ranks, not scores, because those of BM25 and
cosines of an unknown model have no common scale.
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import threading
import time
from collections.abc import Mapping, Sequence

from search.contracts import SearchUnavailable
from search.engines.base import Engine, Ranked
from search.query.plan import Plan
from search.vectors.service import EmbeddingFailed, EmbeddingService, Vector, current_service, embed_query
from search.vectors.store import VectorStore
from search.vectors.stores import current_store

log = logging.getLogger(__name__)

NEAREST = 50
"""So many rows are asked for by meaning."""
DEPTH = 200
"""So many of the best by words are put together with them."""
RANK = 60
"""The usual constant: how much less a later rank counts."""
LEAST_LETTERS = 2
PAUSE_SECONDS = 30.0
"""After a failure the service is left alone for so long: each query would cost its whole time limit."""
_KEPT_QUERIES = 512

_guard = threading.Lock()
_away_until = 0.0
_queries: collections.OrderedDict[tuple[str, str, int, str], Vector] = collections.OrderedDict()


@dataclasses.dataclass(frozen=True)
class Nearby:
    """Rows near a query, nearest first, as they are in the index of words now, with their cosines. `note` says why there are
    none, for `search_explain`."""

    rows: tuple[Ranked, ...] = ()
    cosines: Mapping[str, float] = dataclasses.field(default_factory=dict)
    note: str = ""

    @property
    def ranks(self) -> dict[str, int]:
        """The rank of each row, 1 is the nearest."""
        return {row.key: rank for rank, row in enumerate(self.rows, 1)}

    def beside(self, engine: Engine, plan: Plan) -> list[Ranked]:
        """Those that the plan's own words do not find: what a total must count in addition."""
        if not self.rows:
            return []
        found = {row.key for row in engine.rows([row.key for row in self.rows], dataclasses.replace(plan, gated=True))}
        return [row for row in self.rows if row.key not in found]


NOTHING = Nearby()


@dataclasses.dataclass(frozen=True)
class Meaning:
    """A service and the vectors it made."""

    service: EmbeddingService
    store: VectorStore


def current_meaning() -> Meaning | None:
    """What is set; None when search goes by words alone."""
    service = current_service()
    return Meaning(service, current_store(service.maker)) if service is not None else None


def nearby(engine: Engine, words: str, plan: Plan, meaning: Meaning | None) -> Nearby:
    """What is near these words of all that passes the plan, but for its words. Never raises: whatever fails, nothing is near.

    The store filters by audience, level, dates and what was narrowed down before it chooses, so that there are enough; then the
    engine is asked for the rows themselves under the same restriction, and what it knows counts: vectors may be older."""
    if meaning is None:
        return NOTHING
    if len(words.strip()) < LEAST_LETTERS:
        return Nearby(note="too short to mean anything")
    if _is_away():
        return Nearby(note="the embedding service is left alone for a moment after a failure")
    try:
        vector = _vector_of(meaning.service, words)
        found = meaning.store.nearest(vector, plan.restriction, NEAREST)
        close = {key: cosine for key, cosine in found if cosine >= meaning.service.least_likeness}
        rows = {row.key: row for row in engine.rows(list(close), dataclasses.replace(plan, gated=False))}
    except EmbeddingFailed as error:
        _note_away()
        log.warning("words alone answer: %s", error)
        return Nearby(note=str(error))
    except SearchUnavailable as error:
        log.warning("words alone answer: %s", error)
        return Nearby(note=str(error))
    return Nearby(tuple(rows[key] for key in close if key in rows), close)


def put_together(words: Sequence[Ranked], near: Nearby) -> list[Ranked]:
    """Both lists as one, best first; the score of a row is that of the fusion."""
    by_words = {row.key: rank for rank, row in enumerate(words, 1)}
    by_meaning = near.ranks
    rows = {row.key: row for row in (*near.rows, *words)}
    scores = {key: fused(by_words.get(key), by_meaning.get(key)) for key in rows}
    order = sorted(rows, key=lambda key: (-scores[key], by_words.get(key, len(rows) + 1), by_meaning.get(key, 0)))
    return [dataclasses.replace(rows[key], score=scores[key]) for key in order]


def fused(by_words: int | None, by_meaning: int | None) -> float:
    """The score of a row from its ranks."""
    return sum(1.0 / (RANK + rank) for rank in (by_words, by_meaning) if rank is not None)


def forget_failures() -> None:
    """Ask the service again at once, and for every query anew."""
    global _away_until
    with _guard:
        _away_until = 0.0
        _queries.clear()


def _vector_of(service: EmbeddingService, words: str) -> Vector:
    """The vector of a query; those of the last ones are kept, so that the pages of an answer ask once."""
    name = (service.url, service.model, service.dimensions, service.query_prefix + words)
    with _guard:
        known = _queries.get(name)
    if known is not None:
        return known
    vector = embed_query(service, words)
    with _guard:
        _queries[name] = vector
        while len(_queries) > _KEPT_QUERIES:
            _queries.popitem(last=False)
    return vector


def _is_away() -> bool:
    with _guard:
        return time.monotonic() < _away_until


def _note_away() -> None:
    global _away_until
    with _guard:
        _away_until = time.monotonic() + PAUSE_SECONDS
