"""The own tokens: what there is, making one, revoking one."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.web.people import freshly_confirmed
from portal.api.domain.tokens import TokenRefused, create_token, revoke_token, why_dead
from portal.api.models import ApiToken
from portal.api.service import offered_scopes
from portal.ground.rights import signed_in

SHOWN = 50
DAYS = (7, 30, 90, 180, 365)


class TokenForm(forms.Form):
    """What a token is for, and until when."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("用在哪个程序上，例如“支部看板”。")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("范围"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("只选用得到的。令牌能看到、能办理的不会超过您本人的权限。"),
    )
    days = forms.TypedChoiceField(label=gettext_lazy("有效期"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope.code, scope.label) for scope in offered_scopes()]
        days = sorted({n for n in DAYS if n < settings.API_TOKEN_DAYS} | {settings.API_TOKEN_DAYS})
        self.fields["days"].choices = [(n, _("%(n)d 天") % {"n": n}) for n in days]


def state_of(token: ApiToken) -> str:
    """A sentence on why a token opens nothing any more; empty while it does."""
    return {
        "revoked": _("已撤销"),
        "over": _("已到期"),
        "disabled": _("账号已停用"),
        "password": _("密码已修改，令牌失效"),
    }.get(why_dead(token), "")


def rows_of(tokens: list[ApiToken]) -> list[dict[str, Any]]:
    """Tokens as lists show them; scopes whose plugin is gone by their codes."""
    labels = {scope.code: scope.label for scope in offered_scopes()}
    return [
        {"token": token, "over": state_of(token), "scopes": [labels.get(code, code) for code in token.scopes]}
        for token in tokens
    ]


@signed_in
@require_GET
@never_cache
def own_tokens(request: HttpRequest) -> HttpResponse:
    """The own tokens, newest first."""
    tokens = list(ApiToken.objects.filter(user=request.user).select_related("user")[:SHOWN])
    return render(request, "api/tokens.html", {"rows": rows_of(tokens)})


@signed_in
@never_cache
@freshly_confirmed
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token. Its text is on this one page and nowhere else."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        known = [scope.code for scope in offered_scopes()]
        try:
            token, text = create_token(request.user, data["name"], data["scopes"], data["days"], known=known)
        except TokenRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "api/token_made.html", {"row": rows_of([token])[0], "text": text})
    return render(request, "api/token_new.html", {"form": form})


@signed_in
@require_POST
def revoke(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End one of the own tokens."""
    token = get_object_or_404(ApiToken.objects.select_related("user"), uid=uid, user=request.user)
    if revoke_token(request.user, token):
        messages.success(request, _("令牌“%(name)s”已撤销，用它的程序从现在起不能再访问。") % {"name": token.name})
    return redirect("api_tokens:list")
