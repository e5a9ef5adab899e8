"""Telling what happened."""

from __future__ import annotations

from plugins.sdk.events import Event
from portal.ground.outbox import OutboxEntry, emit


def publish(event: Event) -> OutboxEntry:
    """Write the event into the open transaction, beside the change it tells of; handlers get it after commit.

    Raises `portal.ground.outbox.OutsideTransaction` without a transaction. Writes one outbox row and one a subscriber.
    """
    if not event.name:
        raise ValueError(f"{type(event).__qualname__} has no name, so it cannot be published")
    return emit(event.name, event.to_json(), version=event.version)
