"""The outbox: what happened is written beside the change, and handled after commit, at least once, by every consumer.

Consumers must be safe to repeat. A failing delivery is tried again with growing pauses and parked after `MAX_ATTEMPTS`
with its error shown; the others go on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from portal.ground.clock import now
from portal.ground.jobs import JobContext, enqueue, job_kind, register_sweep
from portal.ground.models import Delivery, OutboxEntry

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
BATCH = 200
ANY_EVENT = "*"

Handler = Callable[[Sequence[OutboxEntry]], None]


class OutsideTransaction(RuntimeError):
    """`emit` was called without an open transaction, so the change and its event could come apart."""


@dataclasses.dataclass(frozen=True)
class Consumer:
    """`handle` gets up to `BATCH` entries in order; raising marks all of them as failed, so a consumer with side effects
    that must not be repeated takes `one_by_one`. An `atomic` one writes to the database alone and does so exactly once."""

    name: str
    events: frozenset[str]
    handle: Handler
    one_by_one: bool = True
    atomic: bool = False


_consumers: dict[str, Consumer] = {}


def register_consumer(
    name: str, events: Sequence[str], handle: Handler, *, one_by_one: bool = True, atomic: bool = False
) -> None:
    """Subscribe `handle` to the event names (or `ANY_EVENT`). Called once in an `AppConfig.ready`; a name is replaced.

    With `atomic`, handling and the mark that it was handled are one transaction, so that the effect in the database is there
    exactly once, also when an entry is delivered twice.
    """
    _consumers[name] = Consumer(name, frozenset(events), handle, one_by_one, atomic)


def unregister_consumer(name: str) -> None:
    """Forget a consumer; its waiting deliveries stay and go on when it returns."""
    _consumers.pop(name, None)


def consumers() -> dict[str, Consumer]:
    """All registered consumers by name."""
    return dict(_consumers)


def emit(name: str, payload: dict[str, Any], *, version: int = 1) -> OutboxEntry:
    """Write an event in the open transaction and wake its consumers after commit.

    `payload` is JSON. Raises OutsideTransaction without a transaction. Writes one OutboxEntry and one Delivery a consumer.
    The drain jobs are queued after the commit: queued inside, writers would wait for each other at the one job a consumer;
    what a crash leaves without a job is found by `queue_drains`.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"emit({name!r}) needs a transaction around the change it tells of")
    entry = OutboxEntry.objects.create(name=name, version=version, payload=payload)
    wanted = [c.name for c in _consumers.values() if name in c.events or ANY_EVENT in c.events]
    Delivery.objects.bulk_create([Delivery(entry=entry, consumer=consumer) for consumer in wanted])
    for consumer in wanted:
        transaction.on_commit(functools.partial(_queue_drain, consumer), robust=True)
    return entry


def _queue_drain(consumer: str) -> None:
    enqueue("outbox.drain", {"consumer": consumer}, key=consumer, priority=10)


def queue_drains() -> None:
    """Queue a drain job for every known consumer that has due deliveries and no job."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=now(), consumer__in=list(_consumers))
    for consumer in waiting.order_by("consumer").values_list("consumer", flat=True).distinct():
        _queue_drain(consumer)


register_sweep("outbox", queue_drains)


def drain(consumer_name: str) -> int:
    """Hand all due deliveries to one consumer and return how many were handled. After a crash a delivery is handled again
    in the worst case, never lost. An unknown consumer (its plugin is gone) is left waiting."""
    consumer = _consumers.get(consumer_name)
    if consumer is None:
        return 0
    handled = 0
    while True:
        due = list(
            Delivery.objects.filter(consumer=consumer_name, state=Delivery.State.WAITING, due_at__lte=now())
            .select_related("entry")
            .order_by("entry_id")[:BATCH]
        )
        if not due:
            return handled
        groups = [[delivery] for delivery in due] if consumer.one_by_one else [due]
        for group in groups:
            handled += _deliver(consumer, group)


def _deliver(consumer: Consumer, group: list[Delivery]) -> int:
    ids = [delivery.pk for delivery in group]
    try:
        if consumer.atomic:
            return _deliver_once(consumer, group)
        consumer.handle([delivery.entry for delivery in group])
    except Exception as error:  # any fault of a consumer is recorded and retried
        log.exception("outbox consumer %s failed on %s entries", consumer.name, len(group))
        _put_back(group, error)
        return 0
    Delivery.objects.filter(pk__in=ids).update(state=Delivery.State.DONE, last_error="")
    return len(group)


def _deliver_once(consumer: Consumer, group: list[Delivery]) -> int:
    """Mark first, then handle, in one transaction: who delivers the same at the same time waits here and finds it done."""
    with transaction.atomic():
        mine = []
        for delivery in group:
            waiting = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
            if waiting.update(state=Delivery.State.DONE, last_error=""):
                mine.append(delivery.entry)
        if mine:
            consumer.handle(mine)
    return len(mine)


def _put_back(group: list[Delivery], error: Exception) -> None:
    with transaction.atomic():
        for delivery in group:
            delivery.attempts += 1
            delivery.last_error = f"{type(error).__name__}: {error}"[:2000]
            if delivery.attempts >= MAX_ATTEMPTS:
                delivery.state = Delivery.State.PARKED
            else:
                delivery.due_at = now() + dt.timedelta(seconds=min(2**delivery.attempts, 600))
            delivery.save(update_fields=["attempts", "last_error", "state", "due_at"])


def retry_parked(deliveries: QuerySet[Delivery]) -> int:
    """Try parked ones of these deliveries again with fresh attempts; how many. Queues jobs."""
    with transaction.atomic():
        parked = deliveries.filter(state=Delivery.State.PARKED)
        names = sorted(set(parked.values_list("consumer", flat=True)))
        changed = parked.update(state=Delivery.State.WAITING, attempts=0, due_at=now(), last_error="")
        for consumer in names:
            _queue_drain(consumer)
    return changed


@job_kind("outbox.drain", max_attempts=5)
def _drain_job(context: JobContext, consumer: str) -> None:
    drain(consumer)
