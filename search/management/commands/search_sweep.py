from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.contracts import SearchUnavailable
from search.indexing import sweep


class Command(BaseCommand):
    help = "Indexes again what is behind; with --full, whatever differs between the database and the index."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="read everything and compare")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = sweep(full=options["full"])
        except SearchUnavailable as error:
            raise CommandError(f"The search engine cannot be used now: {error}") from error
        self.stdout.write(f"{report.repaired} groups indexed again{', index built anew' if report.rebuilt else ''}")
        if report.parked:
            self.stdout.write(f"{report.parked} groups are parked; the reason stands in their 索引进度 (IndexState)")
