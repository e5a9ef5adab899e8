"""How fast the embedded engine answers over 60,000 articles, and how fast it indexes them.

`-o rows=700000` grows them by copies under other names; `-o url=http://127.0.0.1:9200` also measures that Elasticsearch.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from typing import Any

import tantivy

from benchmarks import search_data as data
from search.contracts import PAGING_LIMIT
from search.engines.base import Engine
from search.engines.elastic.engine import ElasticEngine
from search.engines.embedded.engine import EmbeddedEngine
from search.engines.embedded.schema import schema
from search.evaluation.measuring import READER
from search.highlight import Highlighter
from search.query.planner import plan_query
from search.ranking.learned import Learned
from search.service import search, with_sections

TARGET_P95_MS = 8.0
MANY_ROWS, TARGET_P95_MS_OF_MANY = 100_000, 40.0
TARGET_ROWS_PER_SECOND = 10_000
TARGET_RATIO = 1.6
WARM_UP = 100


def run(options: Any) -> dict[str, Any]:
    """Milliseconds of a page of ten hits (engine), of the whole answer (with totals, facets and snippets), and rows a second.

    `layer` is the CPU of a whole answer of the search layer (reading, planning, facets, snippets) as a multiple of what its
    calls of the engine take. The baseline is tantivy itself on the same index: the same terms as a plain OR, without rights,
    dates, authority or our code around it. CPU times of the calling thread are given beside wall times, because the machine may be shared.
    """
    folder = data.data_dir(options)
    documents = data.articles(folder)
    rows = int(data.option(options, "rows") or 0)
    asked = [question.text for question in data.questions(folder)]
    with data.temporary_folder() as place:
        cpu = time.process_time()
        built = data.build(data.embedded_engine(place), documents, rows)
        cpu = time.process_time() - cpu
        figures = _measure(built.engine, asked)
        raw = _timed([_raw(built.engine, question) for question in asked])
        result: dict[str, Any] = {
            "name": "search_latency",
            "rows": built.rows,
            "index_megabytes": round(built.size_bytes / 1e6, 1),
            "index_rows_per_second": round(built.rows / built.seconds),
            "index_rows_per_cpu_second": round(built.rows / cpu),
            **figures,
            "layer": _layer(built.engine, asked),
            "baseline_raw_tantivy": raw,
            "ratio_to_raw_tantivy": round(figures["engine"]["cpu_p50_ms"] / raw["cpu_p50_ms"], 2),
            "targets": {
                "engine.p95_ms": {"at_most": TARGET_P95_MS_OF_MANY if rows > MANY_ROWS else TARGET_P95_MS},
                "index_rows_per_second": {"at_least": TARGET_ROWS_PER_SECOND},
                "layer.ratio_p50": {"at_most": TARGET_RATIO},
            },
        }
        url = data.option(options, "url")
        if url:
            result["elasticsearch"] = _elastic(url, documents, rows, asked, built.engine)
        return result


def _measure(engine: Engine, asked: list[str]) -> dict[str, Any]:
    return {
        "engine": _timed([_engine_only(engine, question) for question in asked]),
        "whole_answer": _timed([_whole(engine, question) for question in asked]),
    }


def _engine_only(engine: Engine, question: str) -> Callable[[], object]:
    plan = dataclasses.replace(plan_query(question, data.ANYBODY), gated=False)
    return lambda: engine.hits(with_sections(engine, plan), 0, 10)


def _whole(engine: Engine, question: str) -> Callable[[], object]:
    def answer() -> object:
        plan = plan_query(question, data.ANYBODY)
        counts = engine.counts(plan, ["level"])
        plan = dataclasses.replace(plan, gated=counts.total <= PAGING_LIMIT)
        rows = engine.hits(with_sections(engine, plan), 0, 10)
        marker = Highlighter(plan.gate, plan.phrases)
        return [(marker.mark(row.data["title"]), marker.snippet(row.data["body"])) for row in rows]

    return answer


class _Timed:
    """An engine that notes the CPU its methods take."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.spent = 0.0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._engine, name)
        if not callable(method):
            return method

        def timed(*args: Any, **more: Any) -> Any:
            began = time.thread_time()
            try:
                return method(*args, **more)
            finally:
                self.spent += time.thread_time() - began

        return timed


def _layer(engine: Engine, asked: list[str]) -> dict[str, float]:
    timed: Any = _Timed(engine)
    inside, ratios = [], []
    for number, question in enumerate(asked):
        timed.spent, began = 0.0, time.thread_time()
        search(question, READER, engine=timed, learned=Learned())
        whole = time.thread_time() - began
        if number >= WARM_UP:
            inside.append(timed.spent * 1000)
            ratios.append(whole / timed.spent)
    (p50, p95), (of_engine, _) = data.percentiles(ratios), data.percentiles(inside)
    return {"ratio_p50": round(p50, 2), "ratio_p95": round(p95, 2), "engine_calls_cpu_p50_ms": round(of_engine, 2)}


def _raw(engine: Engine, question: str) -> Callable[[], object]:
    assert isinstance(engine, EmbeddedEngine)
    searcher = engine._searcher()
    terms = [text for text, _ in plan_query(question, data.ANYBODY).terms]
    query = tantivy.Query.boolean_query(
        [(tantivy.Occur.Should, tantivy.Query.term_query(schema(), "t", text, "freq")) for text in terms]
    )
    return lambda: searcher.search(query, 10, count=False)


def _timed(calls: list[Callable[[], object]]) -> dict[str, float]:
    for call in calls[:WARM_UP]:
        call()
    wall, cpu = [], []
    for call in calls:
        before_cpu, before = time.thread_time(), time.perf_counter()
        call()
        wall.append((time.perf_counter() - before) * 1000)
        cpu.append((time.thread_time() - before_cpu) * 1000)
    (p50, p95), (cpu_p50, cpu_p95) = data.percentiles(wall), data.percentiles(cpu)
    return {
        "p50_ms": round(p50, 2),
        "p95_ms": round(p95, 2),
        "cpu_p50_ms": round(cpu_p50, 2),
        "cpu_p95_ms": round(cpu_p95, 2),
    }


def _elastic(url: str, documents: list[Any], rows: int, asked: list[str], twin: Engine) -> dict[str, Any]:
    engine = ElasticEngine(url, "bench")
    try:
        built = data.build(engine, documents, rows)
        overlap = []
        for question in asked:
            plan = dataclasses.replace(plan_query(question, data.ANYBODY), gated=False)
            mine = {row.key for row in twin.hits(with_sections(twin, plan), 0, 10)}
            theirs = {row.key for row in engine.hits(with_sections(engine, plan), 0, 10)}
            if mine or theirs:  # a question of nothing but phrases may find nothing by both
                overlap.append(len(mine & theirs) / max(len(mine), len(theirs)))
        return {
            "index_rows_per_second": round(built.rows / built.seconds),
            "index_megabytes": round(built.size_bytes / 1e6, 1),
            "mean_overlap_of_top_10": round(sum(overlap) / len(overlap), 4),
            **_measure(engine, asked),
        }
    finally:
        engine.drop_all()


if __name__ == "__main__":
    print(json.dumps(run(data.arguments(__doc__)), ensure_ascii=False, indent=2))
