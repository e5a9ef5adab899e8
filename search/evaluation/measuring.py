"""Indexing articles in a temporary index and asking it the questions, as a reader would ask them."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.ground.clock import today
from portal.ground.suppliers import Viewer
from search.contracts import SearchDocument, SearchUnavailable
from search.engines import folder_engine
from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.rows import make_rows
from search.evaluation.datasets import Question, as_asked
from search.query.plan import Plan, Restriction
from search.query.planner import plan_query
from search.ranking.learned import Learned, learn
from search.service import search, with_sections
from search.vectors.elastic import ElasticVectors
from search.vectors.embedding import vectors_of
from search.vectors.folder import FolderVectors
from search.vectors.nearby import Meaning
from search.vectors.service import EmbeddingService
from search.vectors.store import VectorStore

READER = Viewer(frozenset({"public"}), 0)
_PAGE = 50
_VECTORS_AT_ONCE = 512
Say = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Figures:
    """What was measured over all questions. Times are those of the first page of ten with totals, facets and snippets."""

    questions: int
    mrr_at_10: float
    recall_at_10: float
    recall_at_100: float
    zero_hits: int
    p50_ms: float
    p95_ms: float

    def as_dict(self) -> dict[str, Any]:
        """For printing."""
        return dataclasses.asdict(self)


@contextlib.contextmanager
def temporary_engine(name: str) -> Iterator[Engine]:
    """An empty engine that leaves nothing behind: "tantivy", "fts5" or "elasticsearch" (at `settings.ELASTICSEARCH_URL`).
    Raises SearchUnavailable when no address is set."""
    if name != "elasticsearch":
        with tempfile.TemporaryDirectory(prefix="linghang-search-eval-") as folder:
            yield folder_engine(name, Path(folder))
        return
    if not settings.ELASTICSEARCH_URL:
        raise SearchUnavailable("ELASTICSEARCH_URL is not set")
    engine = ElasticEngine(settings.ELASTICSEARCH_URL, f"eval-{secrets.token_hex(4)}")
    try:
        yield engine
    finally:
        engine.drop_all()


def fill(engine: Engine, documents: Sequence[SearchDocument]) -> None:
    """Build the index of these documents anew."""
    groups: dict[str, list[SearchDocument]] = {}
    for document in documents:
        groups.setdefault(document.group, []).append(document)
    build = engine.begin_rebuild()
    try:
        for group in groups.values():
            build.add(make_rows(group, 1))
        build.finish(list)
    except BaseException:
        build.abandon()
        raise


@contextlib.contextmanager
def temporary_meaning(
    engine: Engine, service: EmbeddingService, documents: Sequence[SearchDocument], say: Say = lambda done, all_: None
) -> Iterator[Meaning]:
    """The vectors of these documents beside their index, leaving nothing behind. Raises EmbeddingFailed."""
    with contextlib.ExitStack() as stack:
        if isinstance(engine, ElasticEngine):
            kept = ElasticVectors(engine, f"eval-{secrets.token_hex(4)}", service.maker)
            stack.callback(kept.drop_all)
            store: VectorStore = kept
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="linghang-search-eval-"))
            store = FolderVectors(Path(folder), service.maker)
        store.begin()
        for start in range(0, len(documents), _VECTORS_AT_ONCE):
            groups: dict[str, list[SearchDocument]] = {}
            for document in documents[start : start + _VECTORS_AT_ONCE]:
                groups.setdefault(document.key, []).append(document)  # each by itself: groups must not be cut in two
            store.replace(vectors_of(service, store, groups)[0])
            say(min(start + _VECTORS_AT_ONCE, len(documents)), len(documents))
        yield Meaning(service, store)


def learn_from(engine: Engine, questions: list[Question], documents: list[SearchDocument]) -> Learned:
    """What the ranking learns from judged questions; see `learn`."""
    asked = as_asked(questions, documents)
    return learn(engine, asked, [_training_plan(engine, question.text) for question in asked])


def _training_plan(engine: Engine, text: str) -> Plan:
    restriction = Restriction(READER.tokens, READER.clearance, int(today().strftime("%Y%m%d")))
    return with_sections(engine, dataclasses.replace(plan_query(text, restriction), gated=False))


def measure(
    engine: Engine,
    questions: Sequence[Question],
    learned: Learned,
    say: Say = lambda done, all_: None,
    meaning: Meaning | None = None,
) -> Figures:
    """Ask all questions and compare the answers with the judgements. The vector of a question is asked for with its first page,
    as a reader's is."""
    at_10 = at_100 = reciprocal = 0.0
    zero = 0
    times: list[float] = []
    for number, question in enumerate(questions, 1):
        started = time.perf_counter()
        first = search(question.text, READER, engine=engine, learned=learned, meaning=meaning)
        times.append((time.perf_counter() - started) * 1000)
        uids = [hit.uid for page in (1, 2) for hit in _page(engine, learned, question.text, page, meaning)]
        at_10 += len(question.answers & set(uids[:10])) / len(question.answers)
        at_100 += len(question.answers & set(uids[:100])) / len(question.answers)
        reciprocal += next((1 / rank for rank, uid in enumerate(uids[:10], 1) if uid in question.answers), 0.0)
        zero += not first.hits
        say(number, len(questions))
    return Figures(
        questions=len(questions),
        mrr_at_10=round(reciprocal / len(questions), 4),
        recall_at_10=round(at_10 / len(questions), 4),
        recall_at_100=round(at_100 / len(questions), 4),
        zero_hits=zero,
        p50_ms=_percentile(times, 0.5),
        p95_ms=_percentile(times, 0.95),
    )


def _page(engine: Engine, learned: Learned, text: str, page: int, meaning: Meaning | None) -> Sequence[Any]:
    found = search(text, READER, engine=engine, learned=learned, page=page, per_page=_PAGE, meaning=meaning)
    return found.hits if found.page == page else ()


def _percentile(values: Sequence[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 2)


def cross_validate(
    engine: Engine,
    questions: list[Question],
    documents: list[SearchDocument],
    folds: int = 5,
    seed: int = 0,
    meaning: Meaning | None = None,
) -> Figures:
    """The learned ranking scored on questions it was not trained on, each exactly once."""
    order = list(range(len(questions)))
    random.Random(seed).shuffle(order)  # noqa: S311 - a fixed split, not a secret
    parts = []
    for fold in range(folds):
        held = set(order[fold::folds])
        learned = learn_from(engine, [q for n, q in enumerate(questions) if n not in held], documents)
        parts.append(measure(engine, [questions[n] for n in sorted(held)], learned, meaning=meaning))
    total = sum(part.questions for part in parts)

    def mean(name: str) -> float:
        return round(sum(getattr(part, name) * part.questions for part in parts) / total, 4)

    return Figures(
        questions=total,
        mrr_at_10=mean("mrr_at_10"),
        recall_at_10=mean("recall_at_10"),
        recall_at_100=mean("recall_at_100"),
        zero_hits=sum(part.zero_hits for part in parts),
        p50_ms=mean("p50_ms"),
        p95_ms=max(part.p95_ms for part in parts),
    )
