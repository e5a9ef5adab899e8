from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.ground.suppliers import Viewer
from search.contracts import SearchUnavailable
from search.explain import ExplainedRow, explain
from search.vectors.nearby import RANK


class Command(BaseCommand):
    help = "Shows how a query is understood, the plan that every engine compiles, and why the first hits stand where they do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query")
        parser.add_argument(
            "--token", action="append", default=[], help="an audience token beside “public”; repeatable"
        )
        parser.add_argument("--clearance", type=int, default=0)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="a date as 2024-01-31")
        parser.add_argument("--hits", type=int, default=10)

    def handle(self, *args: Any, **options: Any) -> None:
        viewer = Viewer(frozenset({"public", *options["token"]}), options["clearance"])
        try:
            found = explain(options["query"], viewer, as_of=options["as_of"], hits=options["hits"])
        except SearchUnavailable as error:
            raise CommandError(f"The search engine cannot be used now: {error}") from error
        self.stdout.write(f"words     {found.typed.words}")
        for word, other in found.others:
            self.stdout.write(f"also      {word} → {other}")
        if found.reference is not None:
            place = found.reference
            self.stdout.write(f"place     {place.title or '(any title)'} {place.label} ({place.path})")
        for line in found.lines:
            self.stdout.write(line)
        self.stdout.write(f"matches   {found.total} ({found.engine})")
        for pinned in found.pinned:
            self.stdout.write(f"pinned    {pinned.data['title']}")
        if found.meaning:
            self.stdout.write(f"meaning   {found.meaning}")
        for rank, one in enumerate(found.rows, 1):
            by_words = f"(words {one.words:.3f} + lifts {one.sections + one.asked:.3f}) × authority {one.authority:.3f}"
            if one.by_words or one.by_meaning:
                by_words = _both(one, by_words)
            self.stdout.write(
                f"{rank:>3} {one.row.score:9.3f} = {by_words}  {one.row.data['title']} {one.row.data['label']}"
            )


def _both(one: ExplainedRow, by_words: str) -> str:
    """The two parts of a row that words, meaning or both found: reciprocal ranks."""
    words = f"1/({RANK}+{one.by_words}) by words {by_words}" if one.by_words else "not by words"
    meaning = (
        f"1/({RANK}+{one.by_meaning}) by meaning (cosine {one.cosine:.3f})" if one.by_meaning else "not by meaning"
    )
    return f"{words} + {meaning}"
