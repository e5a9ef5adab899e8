"""Sign in, sign out, change the password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from portal.ground.rights import open_to_all, signed_in


class SignInForm(AuthenticationForm):
    """One sentence for a wrong name and a wrong password, so that names cannot be tried out."""

    error_messages = {
        "invalid_login": _("用户名或密码不正确。请核对后再试；连续输错多次，登录会暂停一段时间。"),
        "inactive": _("用户名或密码不正确。请核对后再试；连续输错多次，登录会暂停一段时间。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("用户名、手机号或工号")
        self.fields["password"].label = _("密码")


class SignIn(auth_views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(auth_views.LogoutView):
    pass


class ChangePassword(auth_views.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("workbench:home")

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, keep this session, end the others (Django's session hash does that)."""
        response = super().form_valid(form)
        messages.success(self.request, _("密码已修改。其他设备上的登录已经退出。"))
        return response


sign_in = open_to_all(SignIn.as_view())
sign_out = open_to_all(SignOut.as_view())
change_password = signed_in(ChangePassword.as_view())
