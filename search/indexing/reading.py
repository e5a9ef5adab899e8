"""Reading groups from their sources, each with a number that says which reading it is."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import operator
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from django.db import DatabaseError, transaction
from django.db.models import F

from portal.ground.clock import now
from search.contracts import SearchDocument, SearchSource, SearchUnavailable
from search.engines.base import Engine, GroupChange
from search.engines.rows import SECTION_MARK, make_rows
from search.indexing.titles import note_titles
from search.models import IndexState

log = logging.getLogger(__name__)

GROUPS_AT_ONCE = 20
"""Groups read in one transaction; on SQLite it holds the write lock for so long."""
_FIELDS = sorted(field.name for field in dataclasses.fields(SearchDocument))
_VALUES = operator.attrgetter(*_FIELDS)
ROWS_AT_ONCE = 2_000
"""Rows after which the engine is told: its commit costs the same for one as for many."""


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
        _raise_numbers(source.kind, uids)
        note_failure(source.kind, uids[0], f"{type(error).__name__}: {error}")
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
        made = {uid: tuple(make_rows(listed, states[uid].seq)) for uid, listed in documents.items()}
        note_titles(source.kind, documents)
        readings = []
        for uid in uids:
            state, listed, rows = states[uid], documents[uid], made[uid]
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
                appeared = {"appeared_at": now()} if is_first_appearance(state, present) else {}
                IndexState.objects.filter(pk=state.pk).update(rows=[*present, *sorted(gone)], **appeared)
        return readings


def is_first_appearance(state: IndexState, rows: Sequence[str]) -> bool:
    """Whether a group that was read before, and never had rows, has some now: a draft that was published."""
    return bool(rows) and not state.rows and state.appeared_at is None and state.seq > 1


def note_failure(kind: str, group: str, reason: str) -> None:
    """Write why a group is not in the index as it is; after `MAX_ATTEMPTS` in a row it is parked."""
    IndexState.objects.filter(kind=kind, group=group).update(last_error=reason[:2000], attempts=F("attempts") + 1)


def _raise_numbers(kind: str, uids: Sequence[str]) -> None:
    states = IndexState.objects.filter(kind=kind, group__in=uids)
    with transaction.atomic():
        known = set(states.values_list("group", flat=True))
        IndexState.objects.bulk_create(
            [IndexState(kind=kind, group=uid) for uid in uids if uid not in known], ignore_conflicts=True
        )
        list(states.order_by("pk").select_for_update().values_list("pk", flat=True))  # in one order, so no deadlock
        states.update(seq=F("seq") + 1, changed_at=now())


def is_current(change: GroupChange) -> bool:
    """Whether no newer reading of the group was begun."""
    return not IndexState.objects.filter(kind=change.kind, group=change.group, seq__gt=change.seq).exists()


class StillCurrent:
    """`is_current` for many changes with one query, made when the first is asked for."""

    def __init__(self, changes: Sequence[GroupChange]) -> None:
        self._changes = changes
        self._overtaken: set[str] | None = None

    def __call__(self, change: GroupChange) -> bool:
        if self._overtaken is None:
            seqs: dict[tuple[str, str], int] = {}
            for kind in {one.kind for one in self._changes}:
                groups = [one.group for one in self._changes if one.kind == kind]
                for group, seq in IndexState.objects.filter(kind=kind, group__in=groups).values_list("group", "seq"):
                    seqs[kind, group] = seq
            self._overtaken = {
                one.group_key for one in self._changes if seqs.get((one.kind, one.group), one.seq) > one.seq
            }
        return change.group_key not in self._overtaken


def note_indexed(readings: Sequence[Reading], refused: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write that the engine has these readings, save those it refused; a newer reading's number is left alone."""
    with transaction.atomic():
        for reading in readings:
            change = reading.change
            if change.group_key in refused:
                log.error("the search engine refuses %s: %s", change.group_key, refused[change.group_key])
                note_failure(change.kind, change.group, refused[change.group_key])
                continue
            IndexState.objects.filter(pk=reading.state_id, seq=change.seq).update(
                indexed_seq=change.seq, rows=list(reading.uids), digest=reading.digest, last_error="", attempts=0
            )


def digest_of(documents: Sequence[SearchDocument]) -> str:
    """A fingerprint of a group's content, to find what went out of step."""
    digest = hashlib.sha256()
    for document in sorted(documents, key=operator.attrgetter("uid")):
        values = dict(zip(_FIELDS, _VALUES(document), strict=True))
        values["tokens"], values["facets"] = sorted(document.tokens), sorted(document.facets.items())
        digest.update(repr(list(values.items())).encode("utf-8", "replace"))
    return digest.hexdigest()


def apply_groups(engine: Engine, source: SearchSource, uids: Iterable[str]) -> int:
    """Read groups of a source and put them into the index as they are now; returns how many rows they have. When the engine
    is away all are read nevertheless, so that their states say that they are behind; then raises SearchUnavailable."""
    listed = list(dict.fromkeys(uids))
    rows = 0
    waiting: list[Reading] = []
    away: SearchUnavailable | None = None
    for start in range(0, len(listed), GROUPS_AT_ONCE):
        waiting += read_groups(source, listed[start : start + GROUPS_AT_ONCE])
        if start + GROUPS_AT_ONCE < len(listed) and sum(len(one.uids) for one in waiting) < ROWS_AT_ONCE:
            continue
        if away is None:
            try:
                changes = [reading.change for reading in waiting]
                note_indexed(waiting, engine.apply(changes, StillCurrent(changes)))
            except SearchUnavailable as error:
                away = error
        rows += sum(not uid.startswith(SECTION_MARK) for reading in waiting for uid in reading.uids)
        waiting = []
    if away is not None:
        raise away
    return rows
