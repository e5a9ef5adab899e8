"""What a plugin (or a core app's `contributions.py`) may declare. All are frozen; dotted paths beginning with a point are
relative to the declaring package and are imported on first use."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from plugins.sdk.contexts import CardContext, SlotContext
from plugins.sdk.events import Event
from plugins.sdk.labels import text_in_language

CardData = Callable[[CardContext], Mapping[str, Any] | None]
SlotData = Callable[[SlotContext], Mapping[str, Any] | None]
Place = Literal["main", "workbench"]


class Refusal(Exception):
    """The only exception by which a validator may stop what it was asked about; its message is shown to the person."""


@dataclasses.dataclass(frozen=True)
class Permission:
    """A right of the plugin: `code` is short ("take"), its full name is "<slug>.<code>". `roles` have it from the start."""

    code: str
    label: str
    label_en: str
    roles: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)


@dataclasses.dataclass(frozen=True)
class MenuItem:
    """An entry of the portal's navigation (`place="main"`) or of the workbench's.

    `route` is a URL name ("quizzes:papers") or a path ("/r/"). With `needs` only those who have the right see it; `signed_in` hides
    it from readers who are not signed in. Lower `order` stands first.
    """

    label: str
    route: str
    label_en: str = ""
    needs: str = ""
    order: int = 100
    place: Place = "main"
    signed_in: bool = False

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)


@dataclasses.dataclass(frozen=True)
class Card:
    """A card on the workbench. `data(CardContext)` gives the template's variables, or None for no card today."""

    label: str
    template: str
    data: str | CardData
    label_en: str = ""
    needs: str = ""
    order: int = 100
    route: str = ""

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)


@dataclasses.dataclass(frozen=True)
class PageSlot:
    """HTML at a named place of a page ("course.after_units"). `data(SlotContext)` gives the template's variables, or None for
    nothing here."""

    slot: str
    template: str
    data: str | SlotData
    needs: str = ""
    order: int = 100


@dataclasses.dataclass(frozen=True)
class SearchSource:
    """Things that the search box finds. `documents(uids)` yields `SearchDocument`s: of the groups with these uids, or of all
    for None. `kind` begins with the slug; call `content_changed(kind, uid)` inside the transaction of each change.
    `types` and `facets` give the Chinese and English name of each."""

    kind: str
    label: str
    documents: str | Callable[[Sequence[str] | None], Iterable[Any]]
    label_en: str = ""
    types: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    facets: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class PointRule:
    """Points for an event, read by whichever plugin keeps points.

    `member` names the event's field with the member's uid, `once_by` the fields that make the deed one deed: the same values
    never earn twice. `daily_cap` is in points for a member and a day in Asia/Shanghai. `source` says which rule or decision
    the amount follows. `about` names the field shown as the reason.
    """

    code: str
    event: type[Event]
    points: int
    label: str
    once_by: tuple[str, ...]
    label_en: str = ""
    daily_cap: int | None = None
    member: str = "member_uid"
    about: str = ""
    source: str = ""
    valid_from: dt.date | None = None

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise ValueError(f"{self.code}: points must be above 0")
        fields = {field.name for field in dataclasses.fields(self.event)}
        missing = {self.member, *self.once_by, *([self.about] if self.about else [])} - fields
        if missing:
            raise ValueError(f"{self.code}: {self.event.name} has no field {', '.join(sorted(missing))}")

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)


@dataclasses.dataclass(frozen=True)
class Task:
    """Something to run again and again in a worker: `run()` without arguments, safe to repeat. Skipped while the plugin is off."""

    run: str | Callable[[], None]
    every_minutes: int


@dataclasses.dataclass(frozen=True)
class SettingsForm:
    """Pointer to a Django form; its initial values are the defaults, its cleaned values are JSON."""

    form: str
    needs: str = ""
