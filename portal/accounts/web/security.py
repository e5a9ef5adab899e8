"""“账号与安全”: password, second factor, devices and what happened lately, all of the own account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.accounts.domain.profiles import current_profile, idle_limit, longest_session
from portal.accounts.domain.second_factor import has_second_factor, is_obliged, recovery_codes_left
from portal.accounts.domain.sessions import end_sessions_of, end_sign_in, open_sign_ins
from portal.accounts.models import ExternalIdentity, SignIn
from portal.accounts.web.sign_in import change_key
from portal.accounts.web.visitors import browser_name
from portal.ground.audit import audit
from portal.ground.rights import signed_in

RECENT = 10


def _row(request: HttpRequest, sign_in: SignIn) -> dict[str, Any]:
    return {
        "sign_in": sign_in,
        "browser": browser_name(sign_in.browser),
        "here": sign_in.session_key == request.session.session_key,
    }


@signed_in
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """Everything about the own account on one page."""
    user: Any = request.user
    enrolled = has_second_factor(user)
    ended = SignIn.objects.filter(user=user, ended_at__isnull=False)[:RECENT]
    context = {
        "enrolled": enrolled,
        "obliged": is_obliged(user),
        "codes_left": recovery_codes_left(user) if enrolled else 0,
        "devices": [_row(request, sign_in) for sign_in in open_sign_ins(user)[:50]],
        "ended": [_row(request, sign_in) for sign_in in ended],
        "identities": list(ExternalIdentity.objects.filter(user=user)),
        "profile": current_profile(),
        "idle_minutes": int(idle_limit().total_seconds() // 60),
        "longest_hours": int(longest_session().total_seconds() // 3600),
    }
    return render(request, "accounts/security.html", context)


@signed_in
@require_POST
def end_device(request: HttpRequest, uid: str) -> HttpResponse:
    """Sign out one of the own devices."""
    sign_in = get_object_or_404(SignIn, uid=uid, user=request.user)
    if sign_in.session_key == request.session.session_key:
        raise Http404
    end_sign_in(request.user, sign_in)  # type: ignore[arg-type]
    messages.success(request, _("已退出那台设备上的登录。"))
    return redirect("accounts:security")


@signed_in
@require_POST
def end_other_devices(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    user: Any = request.user
    end_sessions_of(user, SignIn.Ending.REMOVED, keep_key=request.session.session_key or "")
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    change_key(request)
    audit(user, "account.other_devices_signed_out", target_kind="user", target_uid=user.uid)
    messages.success(request, _("其他设备上的登录都已退出。"))
    return redirect("accounts:security")
