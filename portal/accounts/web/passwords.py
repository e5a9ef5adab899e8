"""Changing the own password, freely or because it is time."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.password_validation import get_default_password_validators
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts.domain import attempts
from portal.accounts.domain.passwords import change_password as set_new_password
from portal.accounts.domain.profiles import current_profile
from portal.accounts.domain.signing_in import PASSWORD, WrongCredentials, check_own_password
from portal.accounts.models import User
from portal.accounts.web.gate import within_sign_in
from portal.accounts.web.people import person_of, step_of_another, to_sign_in
from portal.accounts.web.sign_in import change_key, finish_step, go_on
from portal.accounts.web.visitors import client_address, device_of
from portal.ground.rights import open_to_all


class ChangePasswordForm(SetPasswordForm):
    """The old one and the new one twice."""

    old_password = forms.CharField(
        label=gettext_lazy("原密码"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ["old_password", "new_password1", "new_password2"]
    error_messages = {"password_mismatch": gettext_lazy("两次输入的新密码不一致。")}

    def __init__(self, user: User, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request
        self.fields["new_password1"].label = gettext_lazy("新密码")
        self.fields["new_password1"].help_text = ""
        self.fields["new_password2"].label = gettext_lazy("再次输入新密码")
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        try:
            check_own_password(
                self.user, password, address=client_address(self.request), device=device_of(self.request)
            )
        except WrongCredentials:
            raise forms.ValidationError(_("原密码不正确。")) from None
        except attempts.TryLater as pause:
            raise forms.ValidationError(
                _("密码连续输错，请 %(minutes)s 分钟后再试。") % {"minutes": -(-pause.seconds // 60)}
            ) from None
        return password

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        new = data.get("new_password1")
        if new and new == data.get("old_password"):
            self.add_error("new_password1", _("新密码不能与原密码相同。"))
        return data


@open_to_all
@within_sign_in
@never_cache
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """For the signed-in person, and for whoever must choose a new password before anything else."""
    user = person_of(request)
    if user is None:
        return to_sign_in(request)
    if instead := step_of_another(request, PASSWORD):
        return instead
    if not user.has_usable_password():
        messages.info(request, _("您通过本单位的统一身份认证登录，请在那里修改密码。"))
        return redirect("accounts:security")
    due = request.pending_user is not None  # type: ignore[attr-defined]
    form = ChangePasswordForm(user, request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_new_password(user, form.cleaned_data["new_password1"], keep_key=request.session.session_key or "")
        request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        messages.success(request, _("密码已修改。其他设备上的登录已经退出。"))
        if due:
            finish_step(request, PASSWORD)
            return go_on(request, user)
        change_key(request)
        return redirect("accounts:security")
    hints = [text for validator in get_default_password_validators() if (text := validator.get_help_text())]
    profile = current_profile()
    context = {"form": form, "due": due, "first": user.must_change_password, "hints": hints, "profile": profile}
    return render(request, "accounts/password.html", context)
