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
from search.engines.rows import SECTION_MARK, number_of
from search.indexing.changes import index_groups, note_back
from search.indexing.reading import digest_of
from search.indexing.rebuild import rebuild
from search.models import MAX_ATTEMPTS, IndexState

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60
COMPARE_SECONDS = 6 * 3600
MANY_BEHIND = 20_000
"""More groups behind than this, and than half of all: building anew is quicker than catching up."""


@dataclasses.dataclass(frozen=True)
class SweepReport:
    """Groups indexed again, whether the whole index had to be built, and how many groups are parked."""

    repaired: int
    rebuilt: bool
    parked: int = 0


def sweep(*, full: bool = False) -> SweepReport:
    """Index again what is behind. `full` reads everything, compares it with what was indexed, and counts the engine's rows.

    Builds the index when there is none. Raises SearchUnavailable when the engine is away.
    """
    behind = IndexState.objects.filter(indexed_seq__lt=F("seq"))
    if not full:
        behind = behind.filter(attempts__lt=MAX_ATTEMPTS)
    many = behind.count()
    if not current_engine().is_ready() or (many > MANY_BEHIND and many * 2 > IndexState.objects.count()):
        rebuild()
        return SweepReport(many, rebuilt=True, parked=_parked())
    wanted: dict[str, dict[str, None]] = {}
    for kind, group in behind.values_list("kind", "group"):
        wanted.setdefault(kind, {})[group] = None
    if full:
        _add_differences(wanted)
        orphans = _add_wrong_rows(wanted)
    for kind, groups in wanted.items():
        index_groups(kind, groups)
        note_back()
    repaired = sum(map(len, wanted.values()))
    if full and (orphans or _counted() != (current_engine().row_count(), current_engine().section_count())):
        log.warning("the search index holds other rows than were put into it; building it anew")
        rebuild()
        return SweepReport(repaired, rebuilt=True, parked=_parked())
    return SweepReport(repaired, rebuilt=False, parked=_parked())


def _parked() -> int:
    return IndexState.objects.filter(indexed_seq__lt=F("seq"), attempts__gte=MAX_ATTEMPTS).count()


def _add_wrong_rows(wanted: dict[str, dict[str, None]]) -> int:
    """Add the groups of which the engine lacks a row or has an older one; returns how many rows it has that should not be."""
    there = current_engine().inventory()
    states = IndexState.objects.filter(indexed_seq=F("seq")).values_list("kind", "group", "seq", "rows")
    for kind, group, seq, uids in states.iterator():
        for uid in uids:
            if not uid.startswith(SECTION_MARK) and there.pop(number_of(f"{kind}:{uid}"), None) != seq:
                wanted.setdefault(kind, {})[group] = None
    for kind, group, uids in IndexState.objects.filter(indexed_seq__lt=F("seq")).values_list("kind", "group", "rows"):
        wanted.setdefault(kind, {})[group] = None
        for uid in uids:
            there.pop(number_of(f"{kind}:{uid}"), None)
    return len(there)


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
    """Have the sweep run every minute, and the comparison of everything every six hours. The jobs themselves are declared by importing this module."""
    periodic("search.sweep", every_seconds=SWEEP_SECONDS)
    periodic("search.compare", every_seconds=COMPARE_SECONDS)


@job_kind("search.sweep")
def _sweep_job(context: JobContext) -> None:
    try:
        sweep()
    except SearchUnavailable as error:
        raise RetryLater(str(error), seconds=30) from error


@job_kind("search.compare", lease_seconds=120, heavy=True)
def _compare_job(context: JobContext) -> None:
    try:
        sweep(full=True)
    except SearchUnavailable as error:
        raise RetryLater(str(error), seconds=300) from error


@job_kind("search.rebuild", lease_seconds=120, heavy=True)
def _rebuild_job(context: JobContext, kind: str = "") -> None:
    try:
        rebuild(kind or None)
    except SearchUnavailable as error:
        raise RetryLater(str(error), seconds=30) from error
