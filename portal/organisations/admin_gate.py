"""Which route of the administration asks for which right, and which rows it may be used on.

Wagtail asks its permission policies deep inside its views, each view in its own way: a row of another unit answers by a
redirect, a missing one by 404, so that ids can be guessed. Here every route says once, by its name, what it needs; the
middleware in `web.admin_gate` asks before the view runs and answers a foreign row exactly as an absent one. A route that
says nothing is closed to everybody but superusers, and a test names it.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from portal.ground.rights import may

Rows = Callable[[Any], "QuerySet[Any]"]
Check = Callable[[HttpRequest, dict[str, Any]], None]

OPEN = "open"
"""No right of its own: signing in, icons, interface texts."""
ENTER = "admin.enter"
"""Whoever may enter the administration; what is shown is filtered by the view."""
NOBODY = "nobody"
"""Superusers only."""


@dataclasses.dataclass(frozen=True)
class AdminRoute:
    """What a route needs: `right` somewhere, and what `check` asks about the rows it names."""

    right: str
    check: Check | None = None


_exact: dict[str, AdminRoute] = {}
_bulk: dict[tuple[str, str], AdminRoute] = {}
_families: dict[str, AdminRoute] = {}
_acts: set[str] = set()


def admin_routes(names: Iterable[str] | str, right: str, check: Check | None = None) -> None:
    """Declare what routes need, by view name or by family (`"wagtailadmin_reports:*"`; an exact name wins over a family, a longer
    family over a shorter). A name is declared once: ValueError for a second time, because the order of apps would decide."""
    for name in [names] if isinstance(names, str) else names:
        declared = _families if "*" in name else _exact
        if name in declared:
            raise ValueError(f"what {name} needs is declared twice")
        declared[name] = AdminRoute(right, check)


def bulk_actions_on(app_label: str, model_name: str, right: str, check: Check) -> None:
    """Declare what an action on many ticked rows of a model needs. For other models there is none."""
    _bulk[app_label, model_name] = AdminRoute(right, check)


def ask_before(names: Iterable[str]) -> None:
    """Name routes whose form is an act that matters: who sends it proves first who it is (`portal.accounts.web.people`)."""
    _acts.update(names)


def is_act(view_name: str) -> bool:
    """Whether sending the form of this route is an act that matters."""
    return view_name in _acts


def _ask_for_bulk(request: HttpRequest, arguments: dict[str, Any]) -> None:
    route = _bulk.get((arguments["app_label"], arguments["model_name"]))
    if route is None:
        raise Http404
    _ask_route(request, route, arguments)


def route_for(view_name: str) -> AdminRoute | None:
    """What a route needs, or None when nobody said."""
    if view_name in _exact:
        return _exact[view_name]
    families = [family for family in _families if fnmatch.fnmatchcase(view_name, family)]
    return _families[max(families, key=len)] if families else None


def declared_names() -> tuple[str, ...]:
    """The names and families that something was said of."""
    return (*_exact, *_families)


def only(argument: str, rows: Rows, seen: Rows | None = None) -> Check:
    """A check that the row named by the URL's `argument` is one of `rows(user)`.

    Otherwise it answers 404, or 403 where `seen(user)` holds the row: visible, but not for this person to change.
    A route of the same family without that argument passes.
    """

    def check(request: HttpRequest, arguments: dict[str, Any]) -> None:
        if argument in arguments:
            ensure(request.user, [arguments[argument]], rows, seen)

    return check


def ensure(user: Any, keys: Iterable[Any], rows: Rows, seen: Rows | None = None) -> None:
    """Raise Http404 unless all `keys` are primary keys in `rows(user)`; PermissionDenied where `seen(user)` holds them all."""
    wanted = {str(key) for key in keys}
    if _holds(rows(user), wanted):
        return
    if seen is not None and _holds(seen(user), wanted):
        raise PermissionDenied
    raise Http404


def _holds(rows: QuerySet[Any], wanted: set[str]) -> bool:
    try:
        return rows.filter(pk__in=wanted).order_by().values("pk").distinct().count() == len(wanted)
    except (ValueError, ValidationError, OverflowError):
        return False


def ask(request: HttpRequest, view_name: str, arguments: dict[str, Any], declared: str | None = None) -> None:
    """Raise PermissionDenied or Http404 when `request.user`, who is signed in, may not use this route on these rows.

    `declared` is the right that the view itself declares and asks for (`portal.ground.rights.needs`).
    """
    route = route_for(view_name)
    user: Any = request.user
    if user.is_superuser or (route is not None and route.right == OPEN):
        return
    if not may(user, ENTER):
        raise PermissionDenied
    if route is not None:
        _ask_route(request, route, arguments)
    elif declared is None:
        raise Http404


def may_use(user: Any, view_name: str) -> bool:
    """Whether a menu may lead this person there: the route's right is held, whatever rows it is about."""
    route = route_for(view_name)
    if route is None or route.right == OPEN or user.is_superuser:
        return True
    return route.right != NOBODY and may(user, route.right)


def _ask_route(request: HttpRequest, route: AdminRoute, arguments: dict[str, Any]) -> None:
    if route.right == NOBODY or not may(request.user, route.right):
        raise PermissionDenied
    if route.check is not None:
        route.check(request, arguments)


admin_routes("wagtail_bulk_action", ENTER, _ask_for_bulk)
