from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import registry
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.indexing import rebuild


class Command(BaseCommand):
    help = "Builds the search index anew from the database, beside the one in use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", help="only read the groups of this kind again, into the index in use")
        parser.add_argument(
            "--if-needed", action="store_true", help="do nothing when there is an index of this version"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kind = options["kind"]
        if kind is not None and registry.source_of(kind) is None:
            known = ", ".join(source.kind for source in registry.sources()) or "none"
            raise CommandError(f"No search source has the kind {kind!r}. Known kinds: {known}.")
        try:
            if options["if_needed"] and current_engine().is_ready():
                self.stdout.write("The search index is of this version; nothing to do.")
                return
            report = rebuild(kind)
        except SearchUnavailable as error:
            raise CommandError(f"The search engine cannot be used now: {error}") from error
        self.stdout.write(
            f"{report.rows} rows of {report.groups} groups in {report.seconds:.1f} s, {report.size_bytes / 1e6:.1f} MB"
        )
