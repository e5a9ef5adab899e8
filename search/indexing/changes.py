"""Live changes: from the outbox to the engine."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Sequence

from portal.ground.clock import now
from portal.ground.jobs import enqueue
from portal.ground.models import OutboxEntry
from search import registry
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.indexing.reading import GROUPS_AT_ONCE, apply_groups, read_groups
from search.indexing.rebuild import rebuild
from search.vectors.waiting import expect_vectors

log = logging.getLogger(__name__)

SWEEP = "search.sweep"
SOON_SECONDS = 10
AWAY_SECONDS = 5.0
"""After a failure the engine is left alone for so long: one that hangs costs its whole time limit with each batch."""
_away_until = 0.0


def handle_entries(entries: Sequence[OutboxEntry]) -> None:
    """Index what `content.changed` names. Safe to repeat: each group is read as it is now.

    While the engine is away every group is still read, which raises its number: what is behind stands in the states, however
    long the engine stays away, and the sweep catches up. Handing the entries back instead would park them after minutes."""
    wanted: dict[str, dict[str, None]] = {}
    for entry in entries:
        wanted.setdefault(str(entry.payload["kind"]), {})[str(entry.payload["uid"])] = None
    for kind, uids in wanted.items():
        if _is_away():
            read_only(kind, uids)
            continue
        try:
            index_groups(kind, uids)
        except SearchUnavailable as error:
            _note_away()
            log.warning("%s changes of %s wait until search is back: %s", len(uids), kind, error)
            enqueue(SWEEP, key=SWEEP, due_at=now() + dt.timedelta(seconds=SOON_SECONDS))
    expect_vectors()


def index_groups(kind: str, uids: Iterable[str]) -> int:
    """Read these groups of a kind and put them into the index as they are now; returns how many rows they have.

    A kind that no source declares is not searchable and is ignored. Builds the index first when there is none yet.
    Raises SearchUnavailable; what was not indexed is then behind in its state, and found by the sweep.
    """
    source = registry.source_of(kind)
    if source is None:
        return 0
    engine = current_engine()
    try:
        if not engine.is_ready():
            rebuild()
    except SearchUnavailable:
        read_only(kind, uids)
        raise
    return apply_groups(engine, source, uids)


def read_only(kind: str, uids: Iterable[str]) -> None:
    """Read these groups without telling the engine: their states are behind then, and their titles as they are now."""
    source = registry.source_of(kind)
    listed = list(dict.fromkeys(uids)) if source is not None else []
    for start in range(0, len(listed), GROUPS_AT_ONCE):
        assert source is not None  # noqa: S101 - else nothing is listed
        read_groups(source, listed[start : start + GROUPS_AT_ONCE])


def _is_away() -> bool:
    return time.monotonic() < _away_until


def note_back() -> None:
    """The engine took changes: hand it the next at once."""
    global _away_until
    _away_until = 0.0


def _note_away() -> None:
    global _away_until
    _away_until = time.monotonic() + AWAY_SECONDS
