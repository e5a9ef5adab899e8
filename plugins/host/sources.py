"""Who contributes: each core app with a `contributions.py`, and each loaded plugin."""

from __future__ import annotations

import dataclasses
from typing import Any

from plugins.sdk import (
    Card,
    ExchangeRecords,
    MenuItem,
    NoticeType,
    PageSlot,
    PersonalData,
    Plugin,
    SearchSource,
    Task,
)
from plugins.sdk.plugin import load_from


@dataclasses.dataclass(frozen=True)
class Source:
    """One contributor. A core app has no `plugin` and is never off."""

    name: str
    package: str
    plugin: Plugin | None = None
    menu: tuple[MenuItem, ...] = ()
    cards: tuple[Card, ...] = ()
    slots: tuple[PageSlot, ...] = ()
    search: tuple[Any, ...] = ()
    tasks: tuple[Task, ...] = ()
    notice_types: tuple[NoticeType, ...] = ()
    personal_data: tuple[PersonalData, ...] = ()
    exchange: tuple[ExchangeRecords, ...] = ()

    def load(self, target: Any) -> Any:
        """The object at a dotted path relative to the contributor's package."""
        return load_from(self.package, target)

    def right(self, code: str) -> str:
        """The full name of a right that a declaration asks for."""
        return self.plugin.right(code) if self.plugin else code


def source_of_plugin(plugin: Plugin) -> Source:
    """What a plugin declares. Raises TypeError when a list holds something else than its kind of declaration."""
    return Source(
        name=plugin.slug,
        package=plugin.package,
        plugin=plugin,
        menu=_all_of(MenuItem, plugin.menu, "menu"),
        cards=_all_of(Card, plugin.cards, "cards"),
        slots=_all_of(PageSlot, plugin.slots, "slots"),
        search=_all_of(SearchSource, plugin.search, "search"),
        tasks=_all_of(Task, plugin.tasks, "tasks"),
        notice_types=_all_of(NoticeType, plugin.notice_types, "notice_types"),
        personal_data=_all_of(PersonalData, plugin.personal_data, "personal_data"),
        exchange=_all_of(ExchangeRecords, plugin.exchange, "exchange"),
    )


def source_of_app(label: str, package: str, module: Any) -> Source:
    """What a core app's `contributions.py` declares in its module-level lists. A ready-made source of the search library
    stands beside `SearchSource`."""
    return Source(
        name=label,
        package=package,
        menu=_all_of(MenuItem, getattr(module, "menu", ()), "menu"),
        cards=_all_of(Card, getattr(module, "cards", ()), "cards"),
        slots=_all_of(PageSlot, getattr(module, "slots", ()), "slots"),
        search=tuple(getattr(module, "search", ())),
        tasks=_all_of(Task, getattr(module, "tasks", ()), "tasks"),
    )


def _all_of(kind: type, declared: Any, what: str) -> tuple[Any, ...]:
    items = tuple(declared)
    for item in items:
        if not isinstance(item, kind):
            raise TypeError(f"{what} must hold {kind.__name__}, not {type(item).__name__}")
    return items
