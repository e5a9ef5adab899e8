"""The gate every signed-in request goes through: sessions end when their time is over, and nobody is anybody before all steps
of signing in are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, logout, user_logged_in, user_logged_out
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from portal.accounts.domain import sessions
from portal.accounts.domain.signing_in import steps_left
from portal.accounts.models import SignIn, User
from portal.accounts.web.visitors import client_address
from portal.ground.clock import today

STEPS, CONFIRMED, NEXT = "accounts.steps", "accounts.confirmed", "accounts.next"
FACTOR_GIVEN, DAY = "accounts.factor", "accounts.day"


def note_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whatever door somebody came in by: write the sign-in and what is still to be done."""
    session = request.session
    if session.session_key is None:
        session.save()
    backend = session[BACKEND_SESSION_KEY]
    with_code = getattr(request, "gave_second_factor", False)
    method = getattr(request, "sign_in_method", "password" if backend.endswith("LoginHandleBackend") else backend)
    sessions.record_sign_in(
        user,
        session,
        method=method,
        address=client_address(request),
        browser=str(request.META.get("HTTP_USER_AGENT", "")),
    )
    session[FACTOR_GIVEN] = with_code
    _look_at_steps(session, user)
    session[CONFIRMED] = session[sessions.BEGAN] if with_code or not session[STEPS] else 0


def _look_at_steps(session: Any, user: User) -> None:
    """Write what is left to be done as of today: a role may begin and a password grow old while somebody is signed in."""
    session[DAY] = today().isoformat()
    session[STEPS] = steps_left(user, backend=session[BACKEND_SESSION_KEY], with_code=session[FACTOR_GIVEN])


def note_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Close the sign-in of the session that ends now."""
    if request.session.session_key:
        sessions.close(request.session.session_key, getattr(request, "sign_in_ending", SignIn.Ending.SIGNED_OUT))


def connect() -> None:
    """Listen to Django's signals. Called once at start."""
    user_logged_in.connect(note_sign_in, dispatch_uid="accounts.note_sign_in")
    user_logged_out.connect(note_sign_out, dispatch_uid="accounts.note_sign_out")


class AccountGate:
    """After Django's authentication. Sets `request.pending_user` while steps are left; `request.user` is nobody then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.pending_user = None  # type: ignore[attr-defined]
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return self.get_response(request)
        session = request.session
        if sessions.BEGAN not in session or STEPS not in session or FACTOR_GIVEN not in session:
            logout(request)  # a session from before this gate stood
            return self.get_response(request)
        if over := sessions.why_over(session):
            request.sign_in_ending = over  # type: ignore[attr-defined]
            logout(request)
            if request.method == "GET":
                messages.info(request, _("登录已超过时限，为了安全已自动退出，请重新登录。"))
            return self.get_response(request)
        sessions.touch(session)
        if session.get(DAY) != today().isoformat():
            _look_at_steps(session, request.user)  # type: ignore[arg-type]
        if session[STEPS]:
            _hide(request)
        response = self.get_response(request)
        return _keep_out_of_caches(response)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """While steps are left only they are reachable."""
        if getattr(request, "pending_user", None) is None or getattr(view, "within_sign_in", False):
            return None
        if request.method not in ("GET", "HEAD") or getattr(request, "htmx", False):
            raise PermissionDenied
        return redirect(next_step(request))


def next_step(request: HttpRequest) -> str:
    """The name of the view that does the first step that is left."""
    return f"accounts:{request.session[STEPS][0]}"


def _hide(request: HttpRequest) -> None:
    request.pending_user = request.user  # type: ignore[attr-defined]
    nobody = AnonymousUser()
    request.user = request._cached_user = nobody  # type: ignore[attr-defined]

    async def auser() -> AnonymousUser:
        return nobody

    request.auser = auser


def _keep_out_of_caches(response: HttpResponse) -> HttpResponse:
    """A page made for a person is kept nowhere: after signing out the back button shows nothing (GB/T 22239 8.1.4.9)."""
    is_page = response.get("Content-Type", "").startswith("text/html")
    if is_page or not response.has_header("Cache-Control"):
        if is_page and response.has_header("Cache-Control"):
            del response["Cache-Control"]
        patch_cache_control(response, private=True, no_store=True)
    return response


def within_sign_in(view: Any) -> Any:
    """Mark a view as part of signing in: reachable while steps are left."""
    view.within_sign_in = True
    return view
