"""Who is told of each answered question on the results page, and of each hit that was opened: the app that keeps recent searches,
what was not found, and what was clicked."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest

from search.contracts import SearchResults
from search.web.asking import Asked

log = logging.getLogger(__name__)

Listener = Callable[[HttpRequest, Asked, SearchResults], None]
ClickListener = Callable[[str, str, str], None]
Above = Callable[[HttpRequest, Asked], str]
_above: dict[str, Above] = {}
_listeners: dict[str, Listener] = {}
_clicks: dict[str, ClickListener] = {}


def show_above(name: str, above: Above) -> None:
    """Say which row is shown above the list ("kind:uid", empty for none), so that the list need not show it again. Called once in
    an `AppConfig.ready`; a name is replaced. What it raises is logged, and nothing is left out then."""
    _above[name] = above


def keys_above(request: HttpRequest, asked: Asked) -> frozenset[str]:
    """The rows that are shown above the list."""
    keys: set[str] = set()
    for name, above in _above.items():
        try:
            keys.add(above(request, asked))
        except Exception:
            log.exception("what %s shows above the list is not known", name)
    return frozenset(keys - {""})


def listen(name: str, listener: Listener) -> None:
    """Be told of every answer on the results page, before the page is made. Called once in an `AppConfig.ready`; a name is
    replaced. What a listener raises is logged and costs the reader nothing."""
    _listeners[name] = listener


def tell(request: HttpRequest, asked: Asked, results: SearchResults) -> None:
    """Tell all listeners."""
    for name, listener in _listeners.items():
        try:
            listener(request, asked, results)
        except Exception:
            log.exception("listener %s failed", name)


def listen_to_clicks(name: str, listener: ClickListener) -> None:
    """Be told (query, key of the row, key of its group) of each hit that was opened, once for each page that showed it. Who opened
    it is not told."""
    _clicks[name] = listener


def tell_click(query: str, row: str, group: str) -> None:
    """Tell all that listen to clicks."""
    for listener in _clicks.values():
        listener(query, row, group)
