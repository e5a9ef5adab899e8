"""What a plugin puts on pages of the portal, menu entries, cards, slots, assets, and pages of its own types."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plugins.sdk.contexts import CardContext, SlotContext
from plugins.sdk.declarations.base import Labelled, Place

CardData = Callable[[CardContext], Mapping[str, Any] | None]
SlotData = Callable[[SlotContext], Mapping[str, Any] | None]


@dataclasses.dataclass(frozen=True)
class MenuItem(Labelled):
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


@dataclasses.dataclass(frozen=True)
class Card(Labelled):
    """A card on the workbench. `data(CardContext)` gives the template's variables, or None for no card today."""

    label: str
    template: str
    data: str | CardData
    label_en: str = ""
    needs: str = ""
    order: int = 100
    route: str = ""


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
class PageType(Labelled):
    """A page model of the plugin (`model`, a dotted path), what its pages are called where readers choose what to look for, and
    whether columns list them."""

    label: str
    model: str
    label_en: str = ""
    listed: bool = True


@dataclasses.dataclass(frozen=True)
class Assets:
    """ES modules and style sheets from the plugin's own static folder, each named from there: "quizzes/clock.js" lies in
    `static/quizzes/clock.js`. `on` says on which pages: "*" for all, a plugin's own addresses by its slug ("quizzes"), or
    a path and everything below it ("/workbench/")."""

    scripts: Sequence[str] = ()
    styles: Sequence[str] = ()
    on: Sequence[str] = ("*",)
