"""Who the account pages are about: the signed-in person, or the one half way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.accounts.web.gate import CONFIRMED, STEPS, next_step
from portal.accounts.web.proving import CodeForm, proof_form, proves
from portal.ground.clock import now

PROOF = "step_up"  # before the names of the fields that prove, so that no form has them already


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
    """Whether the person proved who it is within the last minutes (`STEP_UP_MINUTES`)."""
    return now().timestamp() - request.session.get(CONFIRMED, 0) < settings.STEP_UP_MINUTES * 60


def to_confirm(request: HttpRequest) -> HttpResponse | None:
    """What to answer somebody who has to prove first who it is; None when that is proved, maybe by this very request.

    A page is come back to. A form that was sent is kept in the question itself, field by field, and goes on as soon as the
    answer is right, so that nothing typed is lost. Only files cannot be kept: with them the person is led back to the form.
    """
    if is_fresh(request):
        return None
    if request.method in ("GET", "HEAD"):
        return _ask_elsewhere(request, request.get_full_path())
    user: User = request.user  # type: ignore[assignment]
    answered = any(name.startswith(f"{PROOF}-") for name in request.POST)
    form = proof_form(user, request.POST if answered else None, prefix=PROOF)
    if form is None or request.FILES:
        messages.info(request, _("请先确认身份，然后再操作一次。"))
        return _ask_elsewhere(request, _came_from(request))
    if answered:
        request.sensitive_post_parameters = "__ALL__"  # type: ignore[attr-defined]
        if proves(request, form, user):
            request.session[CONFIRMED] = int(now().timestamp())
            return None
    left_out = {"csrfmiddlewaretoken", *(form.add_prefix(name) for name in form.fields)}
    kept = [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values]
    context = {"form": form, "by_code": isinstance(form, CodeForm), "kept": kept, "back": _came_from(request)}
    answer = render(request, "accounts/step_up.html", context)
    if request.headers.get("HX-Request") == "true":
        answer["HX-Retarget"], answer["HX-Reswap"] = "body", "innerHTML"
    return answer


def _ask_elsewhere(request: HttpRequest, back: str) -> HttpResponse:
    return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': back})}")


def _came_from(request: HttpRequest) -> str:
    came_from = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if known else reverse("accounts:security")


def freshly_confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view of the most sensitive acts, below its right: who did not prove lately who it is does so first, by a code
    or the password, and comes back to where it was, with everything that was typed (`to_confirm`)."""

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return to_confirm(request) or view(request, *args, **kwargs)

    guarded.__wrapped__ = view  # type: ignore[attr-defined]
    return guarded
