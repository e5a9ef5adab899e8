"""Remembers which request a thread is busy with, for code that asks whether a plugin is on and is told no request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from plugins.host import state


class PresentRequest:
    """Behind the page cache: what is answered from there asks no plugin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with state.serving(request):
            return self.get_response(request)
