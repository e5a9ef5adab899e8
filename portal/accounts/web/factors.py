"""The second factor: giving a code, setting it up, recovery codes, and proving again who one is."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.accounts.domain.second_factor import (
    AlreadyEnrolled,
    WrongCode,
    address_for_app,
    begin_enrolment,
    confirm_enrolment,
    has_second_factor,
    is_obliged,
    new_recovery_codes,
    remove_second_factor,
)
from portal.accounts.domain.signing_in import ENROL, FACTOR
from portal.accounts.models import User
from portal.accounts.web.gate import CONFIRMED, FACTOR_GIVEN, within_sign_in
from portal.accounts.web.people import freshly_confirmed, person_of, step_of_another, to_sign_in
from portal.accounts.web.proving import CodeForm, proof_form, proves, takes_code
from portal.accounts.web.sign_in import finish_step, go_on, safe_next
from portal.ground.clock import now
from portal.ground.rights import open_to_all, signed_in


@open_to_all
@within_sign_in
@never_cache
@sensitive_post_parameters()
def factor(request: HttpRequest) -> HttpResponse:
    """The second step of signing in."""
    user = person_of(request)
    if user is None:
        return to_sign_in(request)
    if request.pending_user is None:  # type: ignore[attr-defined]
        return redirect(settings.LOGIN_REDIRECT_URL)
    if instead := step_of_another(request, FACTOR):
        return instead
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and takes_code(request, form, user):
        finish_step(request, FACTOR)
        return go_on(request, user)
    return render(request, "accounts/factor.html", {"form": form})


@open_to_all
@within_sign_in
@never_cache
@sensitive_post_parameters()
def enrol(request: HttpRequest) -> HttpResponse:
    """Set the second factor up: at the first sign-in of those who need it, or freely."""
    user = person_of(request)
    if user is None:
        return to_sign_in(request)
    if instead := step_of_another(request, ENROL):
        return instead
    within = request.pending_user is not None  # type: ignore[attr-defined]
    return _enrol(request, user, within) if within else _enrol_fresh(request, user, within)


def _enrol(request: HttpRequest, user: User, within: bool) -> HttpResponse:
    try:
        authenticator = begin_enrolment(user)
    except AlreadyEnrolled:
        return redirect("accounts:security")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = confirm_enrolment(user, form.cleaned_data["code"])
        except WrongCode:
            form.add_error("code", _("口令不正确。请核对手机时间是否准确，等待下一个口令后再输入。"))
        else:
            request.session[FACTOR_GIVEN] = True
            if within:
                finish_step(request, ENROL)
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "new": True})
    picture = io.BytesIO()
    address = address_for_app(authenticator, settings.WAGTAIL_SITE_NAME)
    segno.make(address, error="m", micro=False).save(
        picture,
        kind="svg",
        xmldecl=False,
        svgclass="qr",
        lineclass=None,
        scale=5,
        border=4,
        light="#fff",
        omitsize=True,
    )
    secret = authenticator.secret
    context = {
        "form": form,
        "within": within,
        "qr": mark_safe(picture.getvalue().decode()),  # noqa: S308 - made by segno from our own address
        "secret": " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        "address": address,
    }
    return render(request, "accounts/enrol.html", context)


_enrol_fresh = freshly_confirmed(_enrol)


@open_to_all
@within_sign_in
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """From the recovery codes onwards: the next step, or the page that was wanted."""
    user = person_of(request)
    return to_sign_in(request) if user is None else go_on(request, user)


@signed_in
@never_cache
@require_POST
@freshly_confirmed
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes; the older ones are void."""
    if not has_second_factor(request.user):  # type: ignore[arg-type]
        return redirect("accounts:security")
    codes = new_recovery_codes(request.user)  # type: ignore[arg-type]
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "new": False})


@signed_in
@never_cache
@require_POST
@freshly_confirmed
def remove_factor(request: HttpRequest) -> HttpResponse:
    """Do without the second factor again, unless one's duties ask for it."""
    user = request.user
    if is_obliged(user):  # type: ignore[arg-type]
        messages.error(request, _("您的职责要求使用动态口令，不能停用。更换手机请先联系安全管理员。"))
    else:
        remove_second_factor(user, user)  # type: ignore[arg-type]
        messages.success(request, _("动态口令已停用。"))
    return redirect("accounts:security")


@signed_in
@never_cache
@sensitive_post_parameters()
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who one is, before something sensitive."""
    user: User = request.user  # type: ignore[assignment]
    form = proof_form(user, request.POST or None)
    if form is None:
        messages.info(request, _("这项操作要求刚刚登录过。请退出后重新登录，十分钟内再操作。"))
        return redirect("accounts:security")
    if request.method == "POST" and proves(request, form, user):
        request.session[CONFIRMED] = int(now().timestamp())
        return redirect(safe_next(request) or "accounts:security")
    context = {"form": form, "by_code": isinstance(form, CodeForm), "next": safe_next(request)}
    return render(request, "accounts/confirm.html", context)
