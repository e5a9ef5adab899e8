"""What a contribution is given when it is asked: one object each, so that it can gain fields without breaking a plugin."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


@dataclasses.dataclass(frozen=True)
class CardContext:
    """For a workbench card: the request of the person who looks."""

    request: HttpRequest

    @property
    def user(self) -> Any:
        """The person who looks; never anonymous on the workbench."""
        return self.request.user


@dataclasses.dataclass(frozen=True)
class SlotContext:
    """For a page slot: the request, and the subject that the page shows (a course, an article, ...)."""

    request: HttpRequest
    subject: Any = None

    @property
    def user(self) -> Any:
        """The person who looks, possibly anonymous."""
        return self.request.user


@dataclasses.dataclass(frozen=True)
class ListContext:
    """For a column in the list of pages: the request, and the numbers of the pages that the list shows."""

    request: HttpRequest
    page_ids: tuple[int, ...]

    @property
    def user(self) -> Any:
        """The person who looks."""
        return self.request.user


@dataclasses.dataclass(frozen=True)
class ActionContext:
    """For an entry in the menu of a page in the list: the person who looks (there is no request), and the page."""

    user: Any
    page: Any


@dataclasses.dataclass(frozen=True)
class TileContext:
    """For a figure on the page of statistics: the request of the person who looks."""

    request: HttpRequest

    @property
    def user(self) -> Any:
        """The person who looks; never anonymous."""
        return self.request.user


@dataclasses.dataclass(frozen=True)
class ValidatorContext:
    """For a validator: what is about to happen to what, and who does it (None: a worker, at the time that was set)."""

    action: str
    subject: Any
    user: Any = None


@dataclasses.dataclass(frozen=True)
class ExportContext:
    """For the exchange package: the organisations whose rows are wanted; with `only`, the rows with these uids instead, whatever
    their organisation."""

    organisation_uids: frozenset[uuid.UUID]
    only: frozenset[uuid.UUID] | None = None


@dataclasses.dataclass(frozen=True)
class LoadContext:
    """Rows from another installation: who takes them in, and why (a sentence for those concerned)."""

    rows: tuple[Mapping[str, Any], ...]
    actor: Any = None
    reason: str = ""
