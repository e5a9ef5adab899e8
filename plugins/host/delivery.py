"""Events and timed work of contributors: each handler is one consumer of the outbox, each task one periodic job."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from plugins.host import registry, state
from plugins.host.guard import in_worker
from plugins.host.sources import Source
from plugins.sdk import Event, Plugin, PointRule, event_class
from plugins.sdk.declarations import Task
from plugins.sdk.events import HANDLES_EVENT
from portal.ground.jobs import JobContext, job_kind, periodic
from portal.ground.models import OutboxEntry
from portal.ground.outbox import register_consumer

HANDLER_SECONDS = 10.0
"""What a handler may take for one event; more is recorded as a fault."""


class WaitsForMigration(Exception):
    """The plugin's code is newer than its tables."""


def consumer_name(source: str, handler: str) -> str:
    """The name of a handler's consumer; its deliveries are kept under it for ever."""
    return f"plugins.{source}.{handler}"[:100]


def register_handlers_of_plugin(plugin: Plugin) -> None:
    """Subscribe the handlers of a plugin. While it is off everywhere, its deliveries are done without calling it."""
    for name, event, handle in plugin.event_handlers():
        _subscribe(consumer_name(plugin.slug, name), event, handle, plugin.slug, f"event:{name}")
    rules = list(registry.point_rules())
    for name, keep in plugin.point_handlers():
        events = sorted({rule.event.name for _, rule in rules})
        if events:
            consumer = consumer_name(plugin.slug, name)
            register_consumer(consumer, events, _points_handler(plugin.slug, name, keep, rules))


def register_handlers_of_app(label: str, module: Any) -> None:
    """Subscribe the functions of a core app's `contributions.py` that are marked with `@on`."""
    for name, function in sorted(vars(module).items()):
        event = getattr(function, HANDLES_EVENT, None)
        if event is not None:
            _subscribe(consumer_name(label, name), event, function, "", f"event:{name}")


def _subscribe(consumer: str, event: type[Event], handle: Callable[[Event], None], slug: str, point: str) -> None:
    def deliver(entries: Sequence[OutboxEntry]) -> None:
        for entry in entries:
            if entry.version != event.version or (slug and not _may_run(slug)):
                continue
            _call(slug or consumer, point, handle, event.from_json(entry.payload))

    register_consumer(consumer, [event.name], deliver)


def _points_handler(
    slug: str, name: str, keep: Callable[[PointRule, Event], None], rules: Sequence[tuple[str, PointRule]]
) -> Callable[[Sequence[OutboxEntry]], None]:
    def deliver(entries: Sequence[OutboxEntry]) -> None:
        active = state.active_anywhere()
        if not _may_run(slug):
            return
        for entry in entries:
            for declaring, rule in rules:
                if declaring in active and (rule.event.name, rule.event.version) == (entry.name, entry.version):
                    event = event_class(entry.name, entry.version).from_json(entry.payload)
                    _call(slug, f"points:{name}", keep, rule, event)

    return deliver


def _may_run(slug: str) -> bool:
    """Whether a plugin is on somewhere. Raises WaitsForMigration, so that what happens meanwhile is delivered later."""
    if state.is_active(slug):
        return True
    if notice := state.notice_of(slug):
        raise WaitsForMigration(f"{slug}: {notice}")
    return False


def _call(slug: str, point: str, function: Callable[..., None], *arguments: Any) -> None:
    """Call a handler; a fault is recorded for staff and raised again, so that the outbox tries later."""
    in_worker(slug, point, functools.partial(function, *arguments), seconds=HANDLER_SECONDS)


def register_tasks(source: Source) -> None:
    """Have the relay queue each declared task; it is skipped while its plugin is off everywhere."""
    for task in source.tasks:
        kind = task_kind(source.name, task)
        job_kind(kind, max_attempts=1)(_runner(source, task))
        periodic(kind, every_seconds=task.every_minutes * 60)


def task_kind(source: str, task: Task) -> str:
    """The job kind of a task."""
    name = task.run if isinstance(task.run, str) else task.run.__name__
    return f"plugins.{source}.{name.rpartition('.')[2]}"


def _runner(source: Source, task: Task) -> Callable[[JobContext], None]:
    def run(context: JobContext) -> None:
        if source.plugin is not None and not state.is_active(source.name):
            return
        point = f"task:{task_kind(source.name, task)}"
        in_worker(source.name, point, lambda: source.load(task.run)(), seconds=task.every_minutes * 60)

    return run
