"""Telling the world that content changed: one call writes the search event and raises the content generation."""

from __future__ import annotations

from typing import Any

from portal.ground.generation import raise_generation
from portal.ground.outbox import OutboxEntry, emit

CONTENT_CHANGED = "content.changed"


def content_changed(kind: str, uid: Any) -> OutboxEntry:
    """Tell that the searchable thing `uid` of `kind` was made, changed, hidden or deleted, inside its transaction.

    Emits `content.changed` with {"kind", "uid"}; search reads the thing again and indexes or removes it.
    """
    raise_generation()
    return emit(CONTENT_CHANGED, {"kind": kind, "uid": str(uid)})
