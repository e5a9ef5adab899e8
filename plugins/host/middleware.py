"""Remembers which request a thread is busy with, for code that asks whether a plugin is on and is told no request; and shows
what a validator says where nobody else does."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from plugins.host import faults, state
from plugins.sdk import Refusal


class PresentRequest:
    """Behind the page cache: what is answered from there asks no plugin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with state.serving(request):
            response = self.get_response(request)
        faults.store_lost()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal ended what was to be done: its sentence is shown where the person came from."""
        if not isinstance(exception, Refusal):
            return None
        messages.error(request, str(exception))
        return HttpResponseRedirect(_way_back(request, getattr(exception, "page_id", None)))


def _way_back(request: HttpRequest, page_id: int | None) -> str:
    match = request.resolver_match
    if page_id and match and match.view_name == "wagtailadmin_pages:add":
        return reverse("wagtailadmin_pages:edit", args=[page_id])  # it is kept there as a draft
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return came_from
    arguments = match.kwargs if match else {}
    if "page_id" in arguments:
        return reverse("wagtailadmin_pages:edit", args=[arguments["page_id"]])
    return reverse("wagtailadmin_home" if request.path.startswith(reverse("wagtailadmin_home")) else "pages:home")
