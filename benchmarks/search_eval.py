"""How good the ranking is: the training questions over 60,000 articles, unlearned and learned, and references in ten ways."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import search_data as data
from search.evaluation.known_items import measure_known_items
from search.evaluation.measuring import cross_validate, fill, measure, temporary_engine
from search.ranking.booster import is_installed
from search.ranking.learned import Learned

BASELINE = {"recall_at_10": 0.476, "recall_at_100": 0.704}
"""The same questions ranked by plain BM25 over pairs and single characters, without authority."""
KNOWN_ITEMS = 500


def run(options: Any) -> dict[str, Any]:
    """Recall and reciprocal rank through the search layer: plain, and learned by cross-validation in five parts."""
    folder = data.data_dir(options)
    documents, asked = data.articles(folder), data.questions(folder)
    name = "elasticsearch" if data.option(options, "engine") == "elasticsearch" else "tantivy"
    with temporary_engine(name) as engine:
        fill(engine, documents)
        plain = measure(engine, asked, Learned()).as_dict()
        result: dict[str, Any] = {"name": "search_eval", "engine": name, "rows": len(documents), "plain": plain}
        if is_installed():
            result["learned"] = cross_validate(engine, asked, documents).as_dict()
        result["known_item"] = measure_known_items(engine, documents, KNOWN_ITEMS)
    result["ratio_to_plain_bm25"] = {key: round(plain[key] / value, 3) for key, value in BASELINE.items()}
    result["targets"] = {
        "plain.mrr_at_10": {"at_least": 0.455},
        "plain.recall_at_10": {"at_least": 0.54},
        "plain.recall_at_100": {"at_least": 0.78},
        "plain.zero_hits": {"at_most": 0},
        "learned.mrr_at_10": {"at_least": 0.5},
        "learned.recall_at_10": {"at_least": 0.58},
        "known_item.hit_at_1": {"at_least": 0.99},
        "known_item.without_hits": {"at_most": 0},
    }
    return result


if __name__ == "__main__":
    print(json.dumps(run(data.arguments(__doc__)), ensure_ascii=False, indent=2))
