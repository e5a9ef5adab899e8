"""What a plugin adds to the list of pages in the administration."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from plugins.sdk.contexts import ActionContext, ListContext
from plugins.sdk.declarations.base import Labelled

ColumnValues = Callable[[ListContext], Mapping[int, str]]
ActionUrl = Callable[[ActionContext], str | None]


@dataclasses.dataclass(frozen=True)
class PageColumn(Labelled):
    """A column in the list of pages. `values(ListContext)` is called once for a list, with the numbers of all its pages, and
    gives a text for each page that has one."""

    label: str
    values: str | ColumnValues
    label_en: str = ""
    needs: str = ""
    order: int = 100


@dataclasses.dataclass(frozen=True)
class PageAction(Labelled):
    """An entry in the menu of a page in the list. Either `route`, a URL name that takes the page's number, or `url`, which is
    called with `ActionContext` and gives an address of this site, or None where the action has no place."""

    label: str
    route: str = ""
    url: str | ActionUrl = ""
    label_en: str = ""
    needs: str = ""
    order: int = 100

    def __post_init__(self) -> None:
        if bool(self.route) == bool(self.url):
            raise ValueError(f"{self.label}: a page action names either a route or a url")
