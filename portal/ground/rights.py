"""Declaring and asking for rights.

A right is a dotted name ("regulations.publish"), declared once by the app that owns it. A route states what it needs with
`needs(...)`, `open_to_all` or `signed_in`; a route that states nothing fails `tests/architecture`. What a person may not
even see is answered 404, as if absent; `portal.organisations` decides (see `suppliers.judge`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied

from portal.ground import suppliers

View = TypeVar("View", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Right:
    """A declared right: `code` is its name for ever, the labels are for people."""

    code: str
    label: str
    label_en: str


_declared: dict[str, Right] = {}


class UndeclaredRight(Exception):
    """A right was used that no app declares."""


def declare(code: str, label: str, label_en: str) -> Right:
    """Declare a right at import time of its app. Declaring the same code again with other labels raises ValueError."""
    right = Right(code, label, label_en)
    if _declared.setdefault(code, right) != right:
        raise ValueError(f"right {code} is declared twice with different labels")
    return right


def declared() -> dict[str, Right]:
    """All declared rights by code."""
    return dict(_declared)


def may(user: Any, right: str, where: Any = None) -> bool:
    """Whether `user` has `right` in `where` (an organisation, an object that has one, or None for anywhere).

    Raises UndeclaredRight for an unknown code, so that a misspelling denies loudly.
    """
    if right not in _declared:
        raise UndeclaredRight(right)
    return suppliers.judge(user, right, where)


def _mark(view: Any, requirement: str) -> None:
    view.required_right = requirement


def needs(right: str) -> Callable[[View], View]:
    """Decorate a view: not signed in goes to the login page, lacking `right` everywhere answers 403.

    Where the object in question matters, the view asks `may(user, right, obj)` again itself.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if not may(request.user, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        _mark(guarded, right)
        return guarded  # type: ignore[return-value]

    return decorate


def signed_in(view: View) -> View:
    """Decorate a view that any signed-in person may use; others go to the login page."""

    @functools.wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return view(request, *args, **kwargs)

    _mark(guarded, "signed-in")
    return guarded  # type: ignore[return-value]


def open_to_all(view: View) -> View:
    """Declare that a view has no right of its own: what it shows is filtered by audience."""

    @functools.wraps(view)
    def marked(request: Any, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs)

    _mark(marked, "open")
    return marked  # type: ignore[return-value]


def confirmed_to_act(view: View) -> View:
    """Decorate a view of an act that matters, below its right: looking at the form is free; who sends it proves first who it
    is, unless that was done a few minutes ago, and loses nothing typed. Declares no right itself."""

    @functools.wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        asked = None if request.method in ("GET", "HEAD") else suppliers.to_confirm(request)
        return asked or view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def declared_right(view: Any) -> str | None:
    """What a view declares, itself, on its class or on what a decorator wrapped; None when it says nothing."""
    while view is not None:
        for holder in (view, getattr(view, "view_class", None)):
            if right := getattr(holder, "required_right", None):
                return str(right)
        view = getattr(view, "__wrapped__", None)
    return None
