"""Building the index anew from the database, beside the one in use, without missing a change."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import time

from django.db import DatabaseError, transaction

from search import registry
from search.contracts import SearchDocument, SearchSource, SearchUnavailable
from search.engines import current_engine
from search.engines.base import Build, GroupChange
from search.engines.rows import SECTION_MARK, UnusableDocument, make_rows
from search.indexing.reading import Reading, apply_groups, digest_of, note_failure, note_indexed, read_groups
from search.indexing.titles import forget_titles, note_titles
from search.models import IndexState, KnownTitle

log = logging.getLogger(__name__)

GroupName = tuple[str, str]
_TITLES_AT_ONCE = 200


@dataclasses.dataclass(frozen=True)
class RebuildReport:
    """What a rebuild did: rows and groups in the new index, how long it took, and its size on disk."""

    rows: int
    groups: int
    seconds: float
    size_bytes: int


@dataclasses.dataclass
class _Built:
    uids: list[str]
    digest: str


def rebuild(kind: str | None = None) -> RebuildReport:
    """Build the whole index anew, or read all groups of one kind again into the index in use.

    Searching goes on in the old index, and changes go on being taken. Raises SearchUnavailable when the engine is away or
    another rebuild runs, and whatever a source raises; the old index then stays. Only the very first index is built without a
    source that fails: better some of the content found than none.
    """
    started = time.monotonic()
    if kind is not None and current_engine().is_ready():
        return _reread(kind, started)
    numbers = _numbers()
    is_first = not current_engine().is_ready()
    build = current_engine().begin_rebuild()
    try:
        built = _fill(build, numbers, skip_faults=is_first)
        readings: list[Reading] = []

        def catch_up() -> list[GroupChange]:
            readings.extend(_changed_since(numbers))
            return [reading.change for reading in readings]

        build.finish(catch_up)
    except BaseException:
        build.abandon()
        raise
    _note_built(built, numbers, build.refused)
    note_indexed(readings, build.refused)
    rows = sum(not uid.startswith(SECTION_MARK) for group in built.values() for uid in group.uids)
    return RebuildReport(rows, len(built), time.monotonic() - started, current_engine().size_bytes())


def _numbers() -> dict[GroupName, int]:
    return {
        (kind, group): seq for kind, group, seq in IndexState.objects.values_list("kind", "group", "seq").iterator()
    }


def _fill(build: Build, numbers: dict[GroupName, int], *, skip_faults: bool) -> dict[GroupName, _Built]:
    built: dict[GroupName, _Built] = {}
    for source in registry.sources():
        try:
            _fill_from(source, build, numbers, built)
            _forget_titles_but(source.kind, built)
        except (DatabaseError, SearchUnavailable):
            raise
        except Exception:
            if not skip_faults:
                raise
            log.exception("search source %s fails; the first index is built without the rest of it", source.kind)
    return built


def _fill_from(
    source: SearchSource, build: Build, numbers: dict[GroupName, int], built: dict[GroupName, _Built]
) -> None:
    titles: dict[str, list[SearchDocument]] = {}
    for group, documents in itertools.groupby(source.documents(None), key=lambda document: document.group):
        listed = list(documents)
        name = (source.kind, group)
        try:
            rows = list(make_rows(listed, numbers.get(name, 0)))
        except UnusableDocument as error:
            log.error("search source %s gives what cannot be indexed: %s", source.kind, error)
            build.refused[f"{source.kind}:{group}"] = f"{type(error).__name__}: {error}"
            built.setdefault(name, _Built([], ""))
            continue
        build.add(rows)
        titles.setdefault(group, []).extend(listed)
        if len(titles) >= _TITLES_AT_ONCE:
            note_titles(source.kind, titles)
            titles = {}
        if name in built:  # rows of a group that do not follow each other
            built[name].uids.extend(row.uid for row in rows)
            built[name].digest = ""
        else:
            built[name] = _Built([row.uid for row in rows], digest_of(listed))
    note_titles(source.kind, titles)


def _forget_titles_but(kind: str, built: dict[GroupName, _Built]) -> None:
    known = set(KnownTitle.objects.filter(kind=kind).values_list("group", flat=True).distinct())
    gone = sorted(known - {group for of, group in built if of == kind})
    for start in range(0, len(gone), 500):
        forget_titles(kind, gone[start : start + 500])


def _changed_since(numbers: dict[GroupName, int]) -> list[Reading]:
    changed: dict[str, list[str]] = {}
    for (kind, group), seq in _numbers().items():
        if numbers.get((kind, group), 0) != seq:
            changed.setdefault(kind, []).append(group)
    readings: list[Reading] = []
    for kind, groups in changed.items():
        source = registry.source_of(kind)
        if source is not None:
            readings.extend(read_groups(source, groups))
    return readings


def _note_built(built: dict[GroupName, _Built], numbers: dict[GroupName, int], refused: dict[str, str]) -> None:
    """Write the state of every group; one that was read again meanwhile has a newer number and is left alone. What was
    refused stays behind, with its reason."""
    created = [
        IndexState(
            kind=kind, group=group, rows=one.uids, digest=one.digest, seq=1 if f"{kind}:{group}" in refused else 0
        )
        for (kind, group), one in built.items()
        if (kind, group) not in numbers
    ]
    IndexState.objects.bulk_create(created, ignore_conflicts=True, batch_size=500)
    nothing = _Built([], "")
    known = list(numbers)
    for start in range(0, len(known), 500):
        with transaction.atomic():
            for kind, group in known[start : start + 500]:
                if f"{kind}:{group}" in refused:
                    continue
                one, seq = built.get((kind, group), nothing), numbers[kind, group]
                IndexState.objects.filter(kind=kind, group=group, seq=seq).update(
                    indexed_seq=seq, rows=one.uids, digest=one.digest, last_error="", attempts=0
                )
    for group_key, reason in refused.items():
        kind, _, group = group_key.partition(":")
        note_failure(kind, group, reason)


def _reread(kind: str, started: float) -> RebuildReport:
    engine, source = current_engine(), registry.source_of(kind)
    if source is None:
        return RebuildReport(0, 0, time.monotonic() - started, engine.size_bytes())
    groups = dict.fromkeys(document.group for document in source.documents(None))
    groups |= dict.fromkeys(IndexState.objects.filter(kind=kind).exclude(rows=[]).values_list("group", flat=True))
    rows = apply_groups(engine, source, groups)
    return RebuildReport(rows, len(groups), time.monotonic() - started, engine.size_bytes())
