"""The gate in front of the administration (`portal.organisations.admin_gate`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, reverse
from django.utils.datastructures import MultiValueDictKeyError
from wagtail.admin import auth as wagtail_auth

from portal.ground.rights import declared_right
from portal.ground.suppliers import to_confirm
from portal.organisations.admin_gate import ask, is_act


class AdminGate:
    """Asks for the declared right before a view of the administration runs. Who is not signed in passes: the administration
    itself leads everybody to the sign-in page, whether the thing exists or not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.prefix = reverse("wagtailadmin_home")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answers 403 or 404 by raising, or asks first who it is; otherwise the view goes on."""
        if not request.path.startswith(self.prefix) or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        positional = {str(number): value for number, value in enumerate(args)}
        name = match.view_name if match else ""
        ask(request, name, {**positional, **kwargs}, declared_right(view))
        is_sent = request.method not in ("GET", "HEAD")
        return to_confirm(request) if is_sent and is_act(name) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A form that was sent without its fields, by hand or cut short on the way, is a bad request and no fault of ours."""
        if isinstance(exception, MultiValueDictKeyError) and request.path.startswith(self.prefix):
            return get_resolver().resolve_error_handler(400)(request, exception)  # type: ignore[no-any-return]
        return None


def refuse_plainly() -> None:
    """Have Wagtail answer 403 where it would lead back to its home page with a message: a refusal keeps its status, and
    neither the way back nor the message tells anything."""

    def refuse(request: HttpRequest) -> HttpResponse:
        raise PermissionDenied

    wagtail_auth.permission_denied = refuse
