from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import registry
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.indexing import rebuild
from search.vectors.embedding import begin_anew, behind_count, embed_what_is_behind
from search.vectors.service import EmbeddingFailed, current_service, embed


class Command(BaseCommand):
    help = "Builds the search index anew from the database, beside the one in use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", help="only read the groups of this kind again, into the index in use")
        parser.add_argument(
            "--if-needed", action="store_true", help="do nothing when there is an index of this version"
        )

        parser.add_argument(
            "--vectors",
            action="store_true",
            help="instead make the vectors of everything anew: needed after a change of the model or its dimensions",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["vectors"]:
            self._vectors()
            return
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

    def _vectors(self) -> None:
        service = current_service()
        if service is None:
            raise CommandError("No embedding service is set (SEARCH_EMBEDDING_URL).")
        try:
            embed(service, ["检索"])  # before anything is dropped: does it answer, and in the length that is set?
            begin_anew()
            many, started = behind_count(), time.monotonic()
            report = embed_what_is_behind(say=lambda report: self._progress(report.groups, many))
        except (EmbeddingFailed, SearchUnavailable) as error:
            raise CommandError(f"The vectors cannot be made now: {error}") from error
        self.stdout.write(
            f"{report.sent} texts of {report.groups} groups by {service.maker} in {time.monotonic() - started:.1f} s"
        )

    def _progress(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done}/{total}", ending="\n" if done == total else "")
