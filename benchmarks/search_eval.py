"""How good the ranking is: recall and reciprocal rank of the training questions over 60,000 articles, embedded engine."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

from benchmarks import search_data as data
from search.analysis.references import reference_in_query
from search.contracts import PAGING_LIMIT, SearchDocument
from search.engines.base import Engine
from search.query.planner import plan_lookups, plan_query

BASELINE = {"recall_at_10": 0.476, "recall_at_100": 0.704}
"""The same questions ranked by plain BM25 over pairs and single characters, without authority."""
TARGETS = {
    "recall_at_10": {"at_least": 0.476},
    "recall_at_100": {"at_least": 0.704},
    "mrr_at_10": {"at_least": 0.45},
    "questions_without_hits": {"at_most": 0},
    "known_item_hit_at_1": {"at_least": 0.98},
}
KNOWN_ITEMS = 500


def run(options: Any) -> dict[str, Any]:
    """Recall@10, Recall@100 and MRR@10 with and without the rule for few matches, and hit@1 of references."""
    folder = data.data_dir(options)
    documents = data.articles(folder)
    asked = data.questions(folder)
    with data.temporary_folder() as place:
        built = data.build(data.embedded_engine(place), documents)
        figures = _ranked(built.engine, asked)
        return {
            "name": "search_eval",
            "rows": built.rows,
            "questions": len(asked),
            **figures,
            "known_item_hit_at_1": _known_items(built.engine, documents),
            "baseline_plain_bm25": BASELINE,
            "ratio_to_plain_bm25": {key: round(figures[key] / value, 3) for key, value in BASELINE.items()},
            "targets": TARGETS,
        }


def _ranked(engine: Engine, asked: list[tuple[str, frozenset[str]]]) -> dict[str, Any]:
    at_10 = at_100 = reciprocal = served_at_10 = 0.0
    without_hits = 0
    for question, answers in asked:
        for plan in plan_query(question, data.ANYBODY).relaxations():
            total = engine.counts(plan, [], types=False).total
            if total:
                break
        plain = [row.data["uid"] for row in engine.hits(dataclasses.replace(plan, gated=False), 0, 100)]
        at_10 += len(answers & set(plain[:10])) / len(answers)
        at_100 += len(answers & set(plain)) / len(answers)
        reciprocal += next((1 / rank for rank, uid in enumerate(plain[:10], 1) if uid in answers), 0.0)
        without_hits += total == 0
        served = plain[:10]
        if total <= PAGING_LIMIT:
            served = [row.data["uid"] for row in engine.hits(plan, 0, 10)]
        served_at_10 += len(answers & set(served)) / len(answers)
    return {
        "recall_at_10": round(at_10 / len(asked), 4),
        "recall_at_100": round(at_100 / len(asked), 4),
        "mrr_at_10": round(reciprocal / len(asked), 4),
        "recall_at_10_as_served": round(served_at_10 / len(asked), 4),
        "questions_without_hits": without_hits,
    }


def _known_items(engine: Engine, documents: list[SearchDocument]) -> float:
    """「民事诉讼法第三十九条」 for random articles: how often that very article comes first."""
    numbered = [document for document in documents if document.reference_path]
    sample = random.Random(20260301).sample(numbered, min(KNOWN_ITEMS, len(numbered)))
    first = 0
    for document in sample:
        reference = reference_in_query(f"{document.title}{document.label}")
        if reference is None:
            continue
        for lookup in plan_lookups(reference.title, reference.article, data.ANYBODY):
            found = engine.lookup(lookup, 20)
            if found:
                exact = [row for row in found if row.data["reference_title"] == reference.title]
                first += (exact or found)[0].data["uid"] == document.uid
                break
    return round(first / len(sample), 4)


if __name__ == "__main__":
    print(json.dumps(run(data.arguments(__doc__)), ensure_ascii=False, indent=2))
