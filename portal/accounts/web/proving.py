"""Proving again who one is, by a code or the password: the forms, and taking what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.domain import attempts
from portal.accounts.domain.second_factor import WrongCode, has_second_factor
from portal.accounts.domain.signing_in import WrongCredentials, check_own_password, verify_factor
from portal.accounts.models import User
from portal.accounts.web.visitors import client_address, device_of


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("动态口令"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    """The own password once more."""

    password = forms.CharField(
        label=gettext_lazy("密码"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


def proof_form(user: User, data: Any = None, *, prefix: str | None = None) -> forms.Form | None:
    """The form by which this person can prove who it is; None for one who has neither a code nor a password here."""
    if has_second_factor(user):
        return CodeForm(data, prefix=prefix)
    return PasswordForm(data, prefix=prefix) if user.has_usable_password() else None


def proves(request: HttpRequest, form: forms.Form, user: User) -> bool:
    """Whether what was typed proves it; otherwise the form says what is wrong. Wrong ones count towards the pause."""
    if not form.is_valid():
        return False
    return takes_code(request, form, user) if isinstance(form, CodeForm) else _takes_password(request, form, user)


def takes_code(request: HttpRequest, form: forms.Form, user: User) -> bool:
    """Whether the code is right and new."""
    try:
        verify_factor(user, form.cleaned_data["code"], address=client_address(request), device=device_of(request))
    except WrongCode:
        form.add_error("code", _("口令不正确，或者已经用过。请等待应用显示下一个口令后再输入。"))
        return False
    except attempts.TryLater as pause:
        form.add_error("code", _wait_text(pause))
        return False
    return True


def _takes_password(request: HttpRequest, form: forms.Form, user: User) -> bool:
    try:
        check_own_password(
            user, form.cleaned_data["password"], address=client_address(request), device=device_of(request)
        )
    except WrongCredentials:
        form.add_error("password", _("密码不正确。"))
        return False
    except attempts.TryLater as pause:
        form.add_error("password", _wait_text(pause))
        return False
    return True


def _wait_text(pause: attempts.TryLater) -> str:
    return _("连续输错多次，请 %(minutes)s 分钟后再试。") % {"minutes": -(-pause.seconds // 60)}
