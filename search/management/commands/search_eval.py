from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.contracts import SearchUnavailable
from search.engines import best_for_a_folder
from search.evaluation.datasets import BadFile, read_articles, read_questions
from search.evaluation.measuring import (
    cross_validate,
    fill,
    learn_from,
    measure,
    temporary_engine,
    temporary_meaning,
)
from search.query.curation import without_curation
from search.ranking.booster import NotInstalled
from search.ranking.learned import Learned
from search.vectors.service import EmbeddingFailed, current_service


class Command(BaseCommand):
    help = "Indexes articles in a temporary index and measures how well judged questions find their answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=Path, required=True, help="JSON lines: id, law_title, article, text, …")
        parser.add_argument("--questions", type=Path, required=True, help="JSON lines: query, relevant with ids")
        parser.add_argument("--engine", choices=["tantivy", "fts5", "elasticsearch"], default=best_for_a_folder())
        parser.add_argument(
            "--vectors", action="store_true", help="ask by meaning too, with the embedding service of the settings"
        )
        parser.add_argument("--train", type=Path, help="also learn from these questions, and from nothing else")
        parser.add_argument(
            "--folds", type=int, default=0, help="learn by cross-validation over the questions themselves instead"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["train"] and options["folds"]:
            raise CommandError("Give --train or --folds, not both.")
        try:
            with without_curation():
                figures = self._measure(options)
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {error.filename}.") from error
        except (BadFile, NotInstalled, EmbeddingFailed) as error:
            raise CommandError(str(error)) from error
        except SearchUnavailable as error:
            raise CommandError(f"The search engine cannot be used now: {error}") from error
        for name, value in figures.items():
            self.stdout.write(f"{name:<16}{value}")
        if options["json"]:
            options["json"].write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        documents = read_articles(options["articles"])
        questions = read_questions(options["questions"])
        if not documents or not questions:
            raise BadFile("there is nothing to measure: no articles or no questions with answers")
        service = current_service() if options["vectors"] else None
        if options["vectors"] and service is None:
            raise BadFile("--vectors needs an embedding service (SEARCH_EMBEDDING_URL)")
        with contextlib.ExitStack() as stack:
            engine = stack.enter_context(temporary_engine(options["engine"]))
            self._say(f"indexing {len(documents)} articles …")
            fill(engine, documents)
            meaning = None
            if service is not None:
                self._say(f"asking {service.maker} for vectors …")
                meaning = stack.enter_context(temporary_meaning(engine, service, documents, self._progress))
            if options["folds"]:
                figures = cross_validate(engine, questions, documents, options["folds"], meaning=meaning)
            else:
                learned = Learned()
                if options["train"]:
                    self._say("learning …")
                    learned = learn_from(engine, read_questions(options["train"]), documents)
                figures = measure(engine, questions, learned, self._progress, meaning)
        return {
            "engine": options["engine"],
            "articles": len(documents),
            "learned": "cross-validation" if options["folds"] else str(options["train"] or ""),
            **({"vectors": str(service.maker)} if service is not None else {}),
            **figures.as_dict(),
        }

    def _say(self, text: str) -> None:
        self.stderr.write(text)

    def _progress(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done}/{total}", ending="\n" if done == total else "")
