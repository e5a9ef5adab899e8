"""The base class of a plugin: a list of declarations plus event handlers."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from plugins.sdk.declarations import (
    Assets,
    Card,
    ExchangeRecords,
    MenuItem,
    NoticeType,
    PageAction,
    PageColumn,
    PageSlot,
    PageType,
    Permission,
    PersonalData,
    PointRule,
    SearchSource,
    SettingsForm,
    Task,
    Tile,
    Validator,
)
from plugins.sdk.events import HANDLES_EVENT, HANDLES_POINT_RULES, Event


class Plugin:
    """Subclass it once in `<package>/plugin.py`; that module imports `plugins.sdk` and event classes, never models.

    Everything here is a declaration: the host asks, guards, times and gates every call. Dotted paths beginning with a point
    are relative to the package: `urls = ".urls"`, `data=".queries.due_for"`.
    """

    permissions: ClassVar[Sequence[Permission]] = ()
    menu: ClassVar[Sequence[MenuItem]] = ()
    cards: ClassVar[Sequence[Card]] = ()
    slots: ClassVar[Sequence[PageSlot]] = ()
    search: ClassVar[Sequence[SearchSource]] = ()
    points: ClassVar[Sequence[PointRule]] = ()
    tasks: ClassVar[Sequence[Task]] = ()
    assets: ClassVar[Sequence[Assets]] = ()
    page_columns: ClassVar[Sequence[PageColumn]] = ()
    page_actions: ClassVar[Sequence[PageAction]] = ()
    blocks: ClassVar[Mapping[str, str]] = MappingProxyType({})
    page_types: ClassVar[Sequence[PageType]] = ()
    tiles: ClassVar[Sequence[Tile]] = ()
    validators: ClassVar[Sequence[Validator]] = ()
    notice_types: ClassVar[Sequence[NoticeType]] = ()
    personal_data: ClassVar[Sequence[PersonalData]] = ()
    exchange: ClassVar[Sequence[ExchangeRecords]] = ()
    audit_labels: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType({})
    settings_form: ClassVar[SettingsForm | None] = None
    urls: ClassVar[str] = ""
    api: ClassVar[str] = ""
    admin: ClassVar[str] = ""
    demo: ClassVar[str] = ""

    def __init__(self, slug: str, package: str, version: str) -> None:
        self.slug = slug
        self.package = package
        self.version = version

    def __repr__(self) -> str:
        return f"<plugin {self.slug} {self.version}>"

    def load(self, target: Any) -> Any:
        """The object at a dotted path of this plugin (".queries.due_for"), or `target` itself when it is no path.

        Raises ImportError or AttributeError as importing does.
        """
        return load_from(self.package, target)

    def right(self, code: str) -> str:
        """The full name of a right: short ones belong to this plugin."""
        return code if not code or "." in code else f"{self.slug}.{code}"

    def event_handlers(self) -> Iterator[tuple[str, type[Event], Callable[[Event], None]]]:
        """Name, event class and bound method of each method marked with `@on`."""
        for name in sorted(dir(type(self))):
            event = getattr(getattr(type(self), name), HANDLES_EVENT, None)
            if event is not None:
                yield name, event, getattr(self, name)

    def point_handlers(self) -> Iterator[tuple[str, Callable[[PointRule, Event], None]]]:
        """Name and bound method of each method marked with `@on_point_rules`."""
        for name in sorted(dir(type(self))):
            if getattr(getattr(type(self), name), HANDLES_POINT_RULES, False):
                yield name, getattr(self, name)


def load_from(package: str, target: Any) -> Any:
    """The object that `target` names, relative to `package` when it begins with a point. A module path gives the module."""
    if not isinstance(target, str):
        return target
    path = f"{package}{target}" if target.startswith(".") else target
    split = _splits.get(path)
    if split is None:
        try:
            return importlib.import_module(path)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{path}.".startswith(f"{error.name}.") or "." not in path:
                raise  # a module that this one imports is missing: say that, not "no such attribute"
        split = path.rpartition(".")[::2]
        found = getattr(importlib.import_module(split[0]), split[1])
        _splits[path] = split
        return found
    return getattr(sys.modules.get(split[0]) or importlib.import_module(split[0]), split[1])


_splits: dict[
    str, tuple[str, str]
] = {}  # module and attribute of paths that named one, so that nothing is looked for twice
