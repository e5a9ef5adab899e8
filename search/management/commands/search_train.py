from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.contracts import SearchUnavailable
from search.evaluation.datasets import BadFile
from search.evaluation.training import TooLittle, judgements_of, train_and_measure
from search.ranking.booster import NotInstalled
from search.ranking.current import asked_before
from search.ranking.kept import BadRanking, keep, read


class Command(BaseCommand):
    help = (
        "Learns the order of the best hits from what people opened, or from a file of judgements, on the index in use. "
        "It is kept in the data folder and used from the next query on if it is better than what was there without it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--clicks", action="store_true", help="learn from what people opened (if that is kept)")
        what.add_argument(
            "--judgements", type=Path, metavar="FILE", help='JSON lines: {"query": …, "relevant": [{"id": "kind:uid"}]}'
        )
        what.add_argument("--on", action="store_true", help="use what is kept")
        what.add_argument("--off", action="store_true", help="keep it, but do not use it")
        what.add_argument("--show", action="store_true", help="say what is kept and what it looks at")
        parser.add_argument("--folds", type=int, default=5, help="parts of the cross-validation")
        parser.add_argument("--anyway", action="store_true", help="use it even if it is no better")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["show"] or options["on"] or options["off"]:
                self._switch(options)
            else:
                self._train(options)
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {error.filename}.") from error
        except (BadFile, BadRanking, NotInstalled, TooLittle) as error:
            raise CommandError(str(error)) from error
        except SearchUnavailable as error:
            raise CommandError(f"The search engine cannot be used now: {error}") from error

    def _switch(self, options: dict[str, Any]) -> None:
        kept = read()
        if kept is None:
            raise CommandError("Nothing was learned yet: give --clicks or --judgements FILE.")
        if options["on"]:
            kept.learned()
        if options["on"] or options["off"]:
            kept = dataclasses.replace(kept, is_on=options["on"])
            keep(kept)
        self.stdout.write(f"{'in use' if kept.is_on else 'not used'}, trained at {kept.trained_at} on {kept.source}")
        self._say_figures(kept.figures)
        for name, gain in sorted(kept.gains.items(), key=lambda pair: -pair[1]):
            self.stdout.write(f"  {name:<20}{gain:7.1%}")

    def _train(self, options: dict[str, Any]) -> None:
        if options["clicks"]:
            asked = asked_before()
            questions, source = (list(asked.questions) if asked else []), "clicks"
        else:
            questions, source = judgements_of(options["judgements"]), options["judgements"].name
        kept = train_and_measure(questions, source, folds=max(2, options["folds"]))
        better = kept.figures["learned"]["mrr_at_10"] > kept.figures["plain"]["mrr_at_10"]
        kept = dataclasses.replace(kept, is_on=better or options["anyway"])
        keep(kept)
        self._say_figures(kept.figures)
        self.stdout.write(
            "in use from the next query on" if kept.is_on else "no better than without it: kept, not used"
        )

    def _say_figures(self, figures: Any) -> None:
        for name, values in figures.items():
            self.stdout.write(f"{name:<8}" + "  ".join(f"{key} {value:g}" for key, value in values.items()))
