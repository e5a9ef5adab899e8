"""Who the account pages are about: the signed-in person, or the one half way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.accounts.web.gate import CONFIRMED, STEPS, next_step
from portal.ground.clock import now

FRESH_SECONDS = 600


def person_of(request: HttpRequest) -> User | None:
    """The signed-in person, or the one who has steps left; None for a stranger."""
    pending: User | None = getattr(request, "pending_user", None)
    if pending is not None:
        return pending
    return request.user if isinstance(request.user, User) else None  # type: ignore[return-value]


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back here."""
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


def step_of_another(request: HttpRequest, step: str) -> HttpResponse | None:
    """Where to go instead, when `step` is not the one to do now; None when it is."""
    if getattr(request, "pending_user", None) is None:
        return None
    return None if request.session[STEPS][0] == step else redirect(next_step(request))


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved who it is within the last ten minutes."""
    return now().timestamp() - request.session.get(CONFIRMED, 0) < FRESH_SECONDS


def freshly_confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of the most sensitive acts, below its right: who did not prove within ten minutes who it is does so
    first, by a code or the password, and comes back to this address; after a form to the page that it stood on."""

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        back = request.get_full_path()
        if request.method not in ("GET", "HEAD"):
            came_from = request.headers.get("Referer", "")
            known = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
            back = came_from if known else reverse("accounts:security")
            messages.info(request, _("请先确认身份，然后再操作一次。"))
        return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': back})}")

    guarded.__wrapped__ = view  # type: ignore[attr-defined]
    return guarded
