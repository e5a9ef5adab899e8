from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.ground.suppliers import Viewer
from search import registry
from search.analysis.references import reference_in_query
from search.contracts import PAGING_LIMIT, SearchUnavailable
from search.engines import current_engine
from search.query.planner import MAX_QUERY, plan_query
from search.query.syntax import parse
from search.ranking.current import current_learned
from search.service import ranked_hits, restriction_of, with_sections


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
        text = options["query"][:MAX_QUERY].strip()
        typed = parse(text, registry.field_names())
        viewer = Viewer(frozenset({"public", *options["token"]}), options["clearance"])
        plan = plan_query(typed, restriction_of(typed, viewer, as_of=options["as_of"]))
        self.stdout.write(f"words     {typed.words}")
        reference = reference_in_query(typed.words)
        if reference is not None:
            self.stdout.write(f"place     {reference.title or '(any title)'} {reference.label} ({reference.path})")
        try:
            engine = current_engine()
            total = engine.counts(plan, [], types=False).total
            plan = dataclasses.replace(plan, gated=total <= PAGING_LIMIT)
            learned = current_learned()
            shown, _ = learned.lifted(typed.words, with_sections(engine, plan))
            for line in shown.lines():
                self.stdout.write(line)
            self.stdout.write(f"matches   {total} ({engine.name})")
            for rank, row in enumerate(ranked_hits(engine, learned, typed.words, plan, 0, max(1, options["hits"])), 1):
                authority = float(row.data["authority"])
                lift = sum(one.amount for one in shown.lifts if one.value in (row.key, row.data["section"]))
                self.stdout.write(
                    f"{rank:>3} {row.score:9.3f} = (words {row.score / authority - lift:.3f} + lifts {lift:.3f}) "
                    f"× authority {authority:.3f}  {row.data['title']} {row.data['label']}"
                )
        except SearchUnavailable as error:
            raise CommandError(f"The search engine cannot be used now: {error}") from error
