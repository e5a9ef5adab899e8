"""Reading groups from their sources, each with a number that says which reading it is."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Iterable, Sequence

from django.db import DatabaseError, transaction
from django.db.models import F

from portal.ground.clock import now
from search.contracts import SearchDocument, SearchSource
from search.engines.base import Engine, GroupChange
from search.engines.rows import SECTION_MARK, make_rows
from search.models import IndexState

log = logging.getLogger(__name__)

GROUPS_AT_ONCE = 20
"""Groups read in one transaction; on SQLite it holds the write lock for so long."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """A group as it was read: what the engine must do, and what to note once it is done."""

    state_id: int
    change: GroupChange
    uids: tuple[str, ...]
    digest: str


class WrongDocument(ValueError):
    """A source gave a document of a kind or group that was not asked for."""


def read_groups(source: SearchSource, uids: Sequence[str]) -> list[Reading]:
    """Raise the number of each group and read it, in one transaction. A group that cannot be read is noted in its state and
    left out; the sweep tries it again. Raises DatabaseError when the database itself fails."""
    try:
        return _read(source, uids)
    except DatabaseError:
        raise
    except Exception as error:
        if len(uids) > 1:
            return [reading for uid in uids for reading in read_groups(source, [uid])]
        log.exception("search source %s cannot read %s", source.kind, uids[0])
        _raise_numbers(source.kind, uids, error=f"{type(error).__name__}: {error}"[:2000])
        return []


def _read(source: SearchSource, uids: Sequence[str]) -> list[Reading]:
    with transaction.atomic():
        _raise_numbers(source.kind, uids)
        states = {state.group: state for state in IndexState.objects.filter(kind=source.kind, group__in=uids)}
        documents: dict[str, list[SearchDocument]] = {uid: [] for uid in uids}
        for document in source.documents(list(uids)):
            if document.kind != source.kind or document.group not in documents:
                raise WrongDocument(f"{document.kind}:{document.group} was not asked for")
            documents[document.group].append(document)
        readings = []
        for uid in uids:
            state, listed = states[uid], documents[uid]
            rows = tuple(make_rows(listed, state.seq))
            present = [row.uid for row in rows]
            gone = set(state.rows) - set(present)
            change = GroupChange(
                source.kind,
                uid,
                state.seq,
                rows,
                frozenset(f"{source.kind}:{row}" for row in gone),
            )
            readings.append(Reading(state.pk, change, tuple(present), digest_of(listed)))
            if gone or len(present) > len(state.rows):
                IndexState.objects.filter(pk=state.pk).update(rows=[*present, *sorted(gone)])
        return readings


def _raise_numbers(kind: str, uids: Sequence[str], *, error: str = "") -> None:
    states = IndexState.objects.filter(kind=kind, group__in=uids)
    with transaction.atomic():
        known = set(states.values_list("group", flat=True))
        IndexState.objects.bulk_create(
            [IndexState(kind=kind, group=uid) for uid in uids if uid not in known], ignore_conflicts=True
        )
        list(states.order_by("pk").select_for_update().values_list("pk", flat=True))  # in one order, so no deadlock
        states.update(seq=F("seq") + 1, changed_at=now(), last_error=error)


def is_current(change: GroupChange) -> bool:
    """Whether no newer reading of the group was begun."""
    return not IndexState.objects.filter(kind=change.kind, group=change.group, seq__gt=change.seq).exists()


def note_indexed(readings: Sequence[Reading]) -> None:
    """Write that the engine has these readings; a newer reading's number is left alone."""
    for reading in readings:
        IndexState.objects.filter(pk=reading.state_id, seq=reading.change.seq).update(
            indexed_seq=reading.change.seq, rows=list(reading.uids), digest=reading.digest, last_error=""
        )


def digest_of(documents: Sequence[SearchDocument]) -> str:
    """A fingerprint of a group's content, to find what went out of step."""
    digest = hashlib.sha256()
    for document in sorted(documents, key=lambda d: d.uid):
        values = dataclasses.asdict(document) | {
            "tokens": sorted(document.tokens),
            "facets": sorted(document.facets.items()),
        }
        digest.update(repr(sorted(values.items(), key=lambda pair: pair[0])).encode("utf-8", "replace"))
    return digest.hexdigest()


def apply_groups(engine: Engine, source: SearchSource, uids: Iterable[str]) -> int:
    """Read groups of a source and put them into the index as they are now; returns how many rows they have."""
    listed = list(dict.fromkeys(uids))
    rows = 0
    for start in range(0, len(listed), GROUPS_AT_ONCE):
        readings = read_groups(source, listed[start : start + GROUPS_AT_ONCE])
        engine.apply([reading.change for reading in readings], is_current)
        note_indexed(readings)
        rows += sum(not uid.startswith(SECTION_MARK) for reading in readings for uid in reading.uids)
    return rows
