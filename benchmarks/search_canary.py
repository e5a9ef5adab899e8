"""Ten thousand random questions of each role over a corpus with planted words: how many were shown to those who may not see them.

`-o questions=1000` for a shorter one, `-o seed=7` for the same again, `-o url=http://127.0.0.1:9200` on that Elasticsearch.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

from benchmarks import search_data as data
from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine

QUESTIONS = 10_000


def run(options: Any) -> dict[str, Any]:
    """Leaks (must be 0) of hits, totals, facets, suggestions, did-you-mean and places, and what the time of suggestions tells."""
    from tests.search import canary

    many = int(data.option(options, "questions", QUESTIONS))
    seed = int(data.option(options, "seed", 0)) or random.SystemRandom().getrandbits(32)
    with _engine(data.option(options, "url")) as engine:
        learned = canary.prepare(engine, seed)
        found = [leak for role in canary.ROLES for leak in canary.leaks(engine, learned, role, many, seed)]
        ratio = canary.suggestion_time_ratio(engine)
    for leak in found[:20]:
        print(f"  LEAK {leak}")
    return {
        "name": "search_canary",
        "engine": engine.name,
        "seed": seed,
        "questions": many * len(canary.ROLES),
        "leaks": len(found),
        "suggestion_time_ratio": round(ratio, 3),
        "targets": {"leaks": {"at_most": 0}},
    }


@contextlib.contextmanager
def _engine(url: str | None) -> Iterator[Engine]:
    if url:
        engine = ElasticEngine(url, "canary")
        try:
            yield engine
        finally:
            engine.drop_all()
        return
    with data.temporary_folder() as place:
        yield data.embedded_engine(place)
