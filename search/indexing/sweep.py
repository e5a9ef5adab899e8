"""Repair: what was read but never reached the engine, and, when asked, every difference between database and index."""

from __future__ import annotations

import dataclasses
import itertools
import logging

from django.db.models import F

from portal.ground.jobs import JobContext, RetryLater, job_kind, periodic
from search import registry
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.engines.rows import SECTION_MARK
from search.indexing.changes import index_groups
from search.indexing.reading import digest_of
from search.indexing.rebuild import rebuild
from search.models import IndexState

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class SweepReport:
    """Groups indexed again, and whether the whole index had to be built."""

    repaired: int
    rebuilt: bool


def sweep(*, full: bool = False) -> SweepReport:
    """Index again what is behind. `full` reads everything, compares it with what was indexed, and counts the engine's rows.

    Builds the index when there is none. Raises SearchUnavailable when the engine is away.
    """
    if not current_engine().is_ready():
        rebuild()
        return SweepReport(0, rebuilt=True)
    wanted: dict[str, dict[str, None]] = {}
    for kind, group in IndexState.objects.filter(indexed_seq__lt=F("seq")).values_list("kind", "group"):
        wanted.setdefault(kind, {})[group] = None
    if full:
        _add_differences(wanted)
    for kind, groups in wanted.items():
        index_groups(kind, groups)
    if full and _counted() != (current_engine().row_count(), current_engine().section_count()):
        log.warning("the search index holds another number of rows than were put into it; building it anew")
        rebuild()
        return SweepReport(sum(map(len, wanted.values())), rebuilt=True)
    return SweepReport(sum(map(len, wanted.values())), rebuilt=False)


def _counted() -> tuple[int, int]:
    """The rows and the sections that should be in the index."""
    rows = sections = 0
    for uids in IndexState.objects.values_list("rows", flat=True):
        of_sections = sum(uid.startswith(SECTION_MARK) for uid in uids)
        rows, sections = rows + len(uids) - of_sections, sections + of_sections
    return rows, sections


def _add_differences(wanted: dict[str, dict[str, None]]) -> None:
    for source in registry.sources():
        states = {
            group: (digest, bool(rows))
            for group, digest, rows in IndexState.objects.filter(kind=source.kind).values_list(
                "group", "digest", "rows"
            )
        }
        seen: set[str] = set()
        for group, documents in itertools.groupby(source.documents(None), key=lambda document: document.group):
            seen.add(group)
            if states.get(group, ("", False))[0] != digest_of(list(documents)):
                wanted.setdefault(source.kind, {})[group] = None
        for group, (_, has_rows) in states.items():
            if has_rows and group not in seen:
                wanted.setdefault(source.kind, {})[group] = None


def declare_jobs() -> None:
    """Have the sweep run every minute. The jobs themselves are declared by importing this module."""
    periodic("search.sweep", every_seconds=SWEEP_SECONDS)


@job_kind("search.sweep")
def _sweep_job(context: JobContext) -> None:
    try:
        sweep()
    except SearchUnavailable as error:
        raise RetryLater(str(error), seconds=30) from error


@job_kind("search.rebuild", lease_seconds=120, heavy=True)
def _rebuild_job(context: JobContext, kind: str = "") -> None:
    try:
        rebuild(kind or None)
    except SearchUnavailable as error:
        raise RetryLater(str(error), seconds=30) from error
