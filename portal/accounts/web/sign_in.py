"""Signing in and out, and the steps between the password and the site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login as open_session
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.accounts.domain import attempts, sessions
from portal.accounts.domain.signing_in import ENROL, FACTOR, OneTimePasswordOver, WrongCredentials, check_credentials
from portal.accounts.models import User
from portal.accounts.web.gate import CONFIRMED, FACTOR_GIVEN, NEXT, STEPS, next_step, within_sign_in
from portal.accounts.web.visitors import client_address, device_of, remember_device
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.rights import open_to_all

SERVICE_LABELS = {
    "oidc": gettext_lazy("统一身份认证"),
    "cas": gettext_lazy("统一身份认证"),
    "wecom": gettext_lazy("企业微信"),
    "dingtalk": gettext_lazy("钉钉"),
}


class SignInForm(forms.Form):
    """Name, password, and a code for those who want to open a paused account at once."""

    username = forms.CharField(
        label=gettext_lazy("用户名、手机号或工号"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("密码"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=gettext_lazy("动态口令"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("已启用动态口令的账号，连同密码一起填写，不受暂停影响。"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if "\x00" in name:
            raise forms.ValidationError(_("用户名中有无法识别的字符。"))
        return name


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of this site that was asked for, or an empty text."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if allowed else ""


@open_to_all
@within_sign_in
@never_cache
@sensitive_post_parameters("password", "code")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and what came of it."""
    if request.user.is_authenticated:
        return redirect(safe_next(request) or settings.LOGIN_REDIRECT_URL)
    if request.pending_user is not None and request.method == "GET":  # type: ignore[attr-defined]
        return redirect(next_step(request))
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form)
    try:
        entered = check_credentials(
            request,
            form.cleaned_data["username"],
            form.cleaned_data["password"],
            code=form.cleaned_data["code"],
            address=client_address(request),
            device=device_of(request),
        )
    except WrongCredentials:
        form.add_error(None, _("用户名或密码不正确。请核对后再试；连续输错多次，登录会暂停一段时间。"))
        return _show(request, form)
    except OneTimePasswordOver:
        form.add_error(None, _("这个一次性密码已过期。请联系本单位的安全管理员重新发放。"))
        return _show(request, form)
    except attempts.TryLater as pause:
        return _show(request, form, pause=pause, status=429)
    request.gave_second_factor = entered.with_code  # type: ignore[attr-defined]
    open_session(request, entered.user)
    request.session[NEXT] = safe_next(request)
    return go_on(request, entered.user)


def _show(
    request: HttpRequest, form: SignInForm, *, pause: attempts.TryLater | None = None, status: int = 200
) -> HttpResponse:
    services = settings.IDENTITY_SERVICES.values()
    context: dict[str, Any] = {
        "form": form,
        "next": safe_next(request),
        "pause": pause,
        "minutes": -(-pause.seconds // 60) if pause else 0,
        "services": [(s.kind, s.label or SERVICE_LABELS[s.kind]) for s in services if s.kind != "ldap"],
        "with_code": pause is not None or bool(form.data.get("code")),
    }
    response = render(request, "accounts/login.html", context, status=status)
    if pause:
        response["Retry-After"] = str(pause.seconds)
    return response


def go_on(request: HttpRequest, user: User) -> HttpResponse:
    """To the next step that is left, or into the site: only then the device is remembered and the sign-in is audited."""
    if request.session[STEPS]:
        return redirect(next_step(request))
    wanted = request.session.pop(NEXT, "")
    response = HttpResponseRedirect(resolve_url(wanted or settings.LOGIN_REDIRECT_URL))
    remember_device(request, response, user)
    audit(user, "account.signed_in", target_kind="user", target_uid=user.uid)
    return response


def finish_step(request: HttpRequest, step: str) -> None:
    """Strike a step off. The session goes on under a new key, so that one known before is worth nothing after."""
    session = request.session
    session[STEPS] = [left for left in session[STEPS] if left != step]
    session[FACTOR_GIVEN] = session[FACTOR_GIVEN] or step in (FACTOR, ENROL)
    session[CONFIRMED] = int(now().timestamp())
    change_key(request)


def change_key(request: HttpRequest) -> None:
    """Give the session a new key and keep its sign-in with it."""
    old = request.session.session_key or ""
    request.session.cycle_key()
    sessions.rekey(old, request.session.session_key or "")


@open_to_all
@within_sign_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session, also one that is half open."""
    if request.pending_user is not None:  # type: ignore[attr-defined]
        request.user = request.pending_user  # type: ignore[attr-defined]
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@open_to_all
@within_sign_in
def sign_in_to_administration(request: HttpRequest) -> HttpResponse:
    """Wagtail's own sign-in page is none: it counts no failures and knows no second factor."""
    return redirect(f"{settings.LOGIN_URL}?next=/admin/")
