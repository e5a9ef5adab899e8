"""What a contribution is given when it is asked: one object each, so that it can gain fields without breaking a plugin."""

from __future__ import annotations

import dataclasses
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
