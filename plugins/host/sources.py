"""Who contributes: each core app with a `contributions.py`, and each loaded plugin."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from plugins.sdk import (
    Assets,
    Card,
    ExchangeRecords,
    MenuItem,
    NoticeType,
    PageAction,
    PageColumn,
    PageSlot,
    PageType,
    PersonalData,
    Plugin,
    SearchSource,
    Task,
    Tile,
    Validator,
)
from plugins.sdk.plugin import load_from

NEVER_CALLED = frozenset(
    {"on_enable", "on_disable", "on_install", "on_remove", "on_upgrade", "installed", "uninstalled", "ready"}
)
"""What other systems call when something is switched, and this one does not."""


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
    assets: tuple[Assets, ...] = ()
    page_columns: tuple[PageColumn, ...] = ()
    page_actions: tuple[PageAction, ...] = ()
    page_types: tuple[PageType, ...] = ()
    tiles: tuple[Tile, ...] = ()
    validators: tuple[Validator, ...] = ()
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
    """What a plugin declares. Raises TypeError when a list holds something else than its kind of declaration, ValueError for
    assets of somebody else, for a name that declares nothing, and for a method that nobody would call."""
    _check_names(type(plugin))
    _check_assets(plugin.slug, _all_of(Assets, plugin.assets, "assets"))
    return Source(
        name=plugin.slug,
        package=plugin.package,
        plugin=plugin,
        menu=_all_of(MenuItem, plugin.menu, "menu"),
        cards=_all_of(Card, plugin.cards, "cards"),
        slots=_all_of(PageSlot, plugin.slots, "slots"),
        search=_all_of(SearchSource, plugin.search, "search"),
        tasks=_all_of(Task, plugin.tasks, "tasks"),
        assets=tuple(plugin.assets),
        page_columns=_all_of(PageColumn, plugin.page_columns, "page_columns"),
        page_actions=_all_of(PageAction, plugin.page_actions, "page_actions"),
        page_types=_all_of(PageType, plugin.page_types, "page_types"),
        tiles=_all_of(Tile, plugin.tiles, "tiles"),
        validators=_all_of(Validator, plugin.validators, "validators"),
        notice_types=_all_of(NoticeType, plugin.notice_types, "notice_types"),
        personal_data=_all_of(PersonalData, plugin.personal_data, "personal_data"),
        exchange=_all_of(ExchangeRecords, plugin.exchange, "exchange"),
    )


def _check_names(declaring: type[Plugin]) -> None:
    """Whatever a plugin class says has a meaning: a misspelt declaration is not passed over in silence, and who expects to be
    called when the plugin is switched hears what there is instead. Constants in capitals and methods of its own may stand there."""
    parents = declaring.__mro__[: declaring.__mro__.index(Plugin)]
    for name, value in ((name, value) for parent in parents for name, value in vars(parent).items()):
        if name in NEVER_CALLED:
            raise ValueError(
                f"“{name}”不会被调用：启用和停用只是一条数据，要做的事请写成声明或事件处理 (nobody calls {name}: switching a plugin on "
                "or off is data; declare what is to be there, or handle an event; see docs/plugins/plugin.md)"
            )
        is_code = callable(value) or isinstance(value, (property, staticmethod, classmethod))
        if not (is_code or name.startswith("_") or name.isupper() or hasattr(Plugin, name)):
            raise ValueError(f"没有“{name}”这种声明 ({name} is no declaration; constants of your own are in CAPITALS)")


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
        page_columns=_all_of(PageColumn, getattr(module, "page_columns", ()), "page_columns"),
        page_actions=_all_of(PageAction, getattr(module, "page_actions", ()), "page_actions"),
        tiles=_all_of(Tile, getattr(module, "tiles", ()), "tiles"),
        validators=_all_of(Validator, getattr(module, "validators", ()), "validators"),
    )


def _all_of(kind: type, declared: Any, what: str) -> tuple[Any, ...]:
    items = tuple(declared)
    for item in items:
        if not isinstance(item, kind):
            raise TypeError(f"{what} must hold {kind.__name__}, not {type(item).__name__}")
    return items


def _check_assets(slug: str, declared: Iterable[Assets]) -> None:
    """Raise ValueError unless every file lies in the plugin's own folder and is of the right kind."""
    for item in declared:
        for names, ending in ((item.scripts, ".js"), (item.styles, ".css")):
            for name in names:
                if not name.startswith(f"{slug}/") or ".." in name or not name.endswith(ending):
                    raise ValueError(f'the asset "{name}" must be a {ending} file below "{slug}/"')
