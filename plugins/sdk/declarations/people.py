"""What concerns people: notices to them, and what the plugin holds about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Literal

from plugins.sdk.declarations.base import Labelled
from portal.ground.personal import Erased, Person, Table

Tier = Literal["quiet", "normal", "urgent"]
Export = Callable[[Person], Iterable[Table]]
Erase = Callable[[Person], Erased]


@dataclasses.dataclass(frozen=True)
class NoticeType(Labelled):
    """A kind of notice that the plugin sends, so that people can choose how it reaches them. `code` is short ("due"), its full
    name is "<slug>.<code>"."""

    code: str
    label: str
    label_en: str = ""
    tier: Tier = "normal"


@dataclasses.dataclass(frozen=True)
class PersonalData(Labelled):
    """What the plugin holds about a person. `export(Person)` gives all of it as `Table`s; `erase(Person)` removes what may be
    removed, in the caller's transaction, and tells with `Erased` what stays and why; it is safe to repeat."""

    label: str
    export: str | Export
    erase: str | Erase
    label_en: str = ""
