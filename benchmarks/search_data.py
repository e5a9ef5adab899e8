"""The articles and questions that the search benchmarks use, and an index of them."""

from __future__ import annotations

import argparse
import dataclasses
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import without_site  # noqa: F401 - search needs Django ready before it is imported
from search.contracts import SearchDocument
from search.engines import best_for_a_folder, folder_engine
from search.engines.base import Engine
from search.engines.rows import make_rows
from search.evaluation.datasets import Question, read_articles, read_questions
from search.query.plan import Restriction

PROJECT_DIR = Path(__file__).resolve().parents[1]
ANYBODY = Restriction(frozenset({"public"}), 0, 20260101)


class NoData(RuntimeError):
    """The articles are not where they were looked for; the message says how to name the place."""


def option(options: Any, name: str, default: Any = None) -> Any:
    """A value from a mapping or from parsed arguments."""
    if isinstance(options, Mapping):
        return options.get(name, default)
    return getattr(options, name, default)


def data_dir(options: Any) -> Path:
    """The folder with `retrieval/articles.jsonl.gz` and `retrieval/train.jsonl`. Raises NoData."""
    named = (
        option(options, "data")
        or os.environ.get("LINGHANG_BENCH_DATA")
        or os.environ.get("LINGHANG_SHARED_DATA")
        or PROJECT_DIR.parent / "shared" / "data"
    )
    folder = Path(named)
    if not (folder / "retrieval" / "articles.jsonl.gz").exists():
        raise NoData(f"no retrieval/articles.jsonl.gz in {folder}: name the folder with --data or LINGHANG_BENCH_DATA")
    return folder


def articles(folder: Path) -> list[SearchDocument]:
    """All articles as documents, with authority from title and citations."""
    return read_articles(folder / "retrieval" / "articles.jsonl.gz")


def grown(documents: list[SearchDocument], rows: int) -> Iterator[list[SearchDocument]]:
    """Groups of documents until there are so many rows: all of them, then copies under other names. Made while they are taken,
    because they would not fit into memory."""
    groups: dict[str, list[SearchDocument]] = {}
    for document in documents:
        groups.setdefault(document.group, []).append(document)
    left, copy = rows, 0
    while left > 0:
        for group in groups.values():
            given = group if copy == 0 else [_renamed(document, copy) for document in group]
            yield given[:left]
            left -= len(given)
            if left <= 0:
                return
        copy += 1


def _renamed(document: SearchDocument, copy: int) -> SearchDocument:
    title = f"{document.title}（第{copy}份）"
    return dataclasses.replace(
        document,
        uid=f"{document.uid}-{copy}",
        group=f"{document.group}-{copy}",
        title=title,
        reference_title=title if document.reference_title else "",
    )


def questions(folder: Path) -> list[Question]:
    """The training questions with the ids of the articles that answer them."""
    return read_questions(folder / "retrieval" / "train.jsonl")


@dataclasses.dataclass(frozen=True)
class Built:
    """An index and what it cost."""

    engine: Engine
    rows: int
    seconds: float
    size_bytes: int


def build(engine: Engine, documents: list[SearchDocument], rows: int = 0) -> Built:
    """Index documents (grown to so many rows) from scratch, tokenising included."""
    groups: Iterable[list[SearchDocument]] = grown(documents, rows or len(documents))
    if not rows:
        groups = list(groups)
    started = time.perf_counter()
    making = engine.begin_rebuild()
    for group in groups:
        making.add(make_rows(group, 1))
    making.finish(list)
    return Built(engine, rows or len(documents), time.perf_counter() - started, engine.size_bytes())


def embedded_engine(folder: str) -> Engine:
    """An empty engine on a folder, of the kind that an installation on this machine uses."""
    return folder_engine(best_for_a_folder(), Path(folder))


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes away."""
    return tempfile.TemporaryDirectory(prefix="linghang-bench-search-")


def percentiles(values: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def arguments(description: str | None) -> argparse.Namespace:
    """Command line of a search benchmark run as a module."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", help="folder with retrieval/articles.jsonl.gz and retrieval/train.jsonl")
    parser.add_argument("--url", help="also measure the Elasticsearch at this address")
    parser.add_argument("--rows", help="grow the articles to so many rows")
    return parser.parse_args()
