"""Live changes: from the outbox to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.ground.models import OutboxEntry
from search import registry
from search.engines import current_engine
from search.indexing.reading import apply_groups
from search.indexing.rebuild import rebuild


def handle_entries(entries: Sequence[OutboxEntry]) -> None:
    """Index what `content.changed` names. Safe to repeat: each group is read as it is now. Raises SearchUnavailable when the
    engine is away, so that the outbox tries again."""
    wanted: dict[str, dict[str, None]] = {}
    for entry in entries:
        wanted.setdefault(str(entry.payload["kind"]), {})[str(entry.payload["uid"])] = None
    for kind, uids in wanted.items():
        index_groups(kind, uids)


def index_groups(kind: str, uids: Iterable[str]) -> int:
    """Read these groups of a kind and put them into the index as they are now; returns how many rows they have.

    A kind that no source declares is not searchable and is ignored. Builds the index first when there is none yet.
    Raises SearchUnavailable; what was not indexed is then behind in its state, and found by the sweep.
    """
    source = registry.source_of(kind)
    if source is None:
        return 0
    engine = current_engine()
    if not engine.is_ready():
        rebuild()
    return apply_groups(engine, source, uids)
