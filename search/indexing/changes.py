"""Live changes: from the outbox to the engine."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence

from portal.ground.clock import now
from portal.ground.jobs import enqueue
from portal.ground.models import OutboxEntry
from search import registry
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.indexing.reading import GROUPS_AT_ONCE, apply_groups, read_groups
from search.indexing.rebuild import rebuild

log = logging.getLogger(__name__)

SWEEP = "search.sweep"
SOON_SECONDS = 10


def handle_entries(entries: Sequence[OutboxEntry]) -> None:
    """Index what `content.changed` names. Safe to repeat: each group is read as it is now.

    While the engine is away every group is still read, which raises its number: what is behind stands in the states, however
    long the engine stays away, and the sweep catches up. Handing the entries back instead would park them after minutes."""
    wanted: dict[str, dict[str, None]] = {}
    for entry in entries:
        wanted.setdefault(str(entry.payload["kind"]), {})[str(entry.payload["uid"])] = None
    for kind, uids in wanted.items():
        try:
            index_groups(kind, uids)
        except SearchUnavailable as error:
            log.warning("%s changes of %s wait until search is back: %s", len(uids), kind, error)
            enqueue(SWEEP, key=SWEEP, due_at=now() + dt.timedelta(seconds=SOON_SECONDS))


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
        listed = list(uids)
        for start in range(0, len(listed), GROUPS_AT_ONCE):
            read_groups(source, listed[start : start + GROUPS_AT_ONCE])
        raise
    return apply_groups(engine, source, uids)
