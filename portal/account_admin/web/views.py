"""Pages of the security administrator: the accounts of the own subtree, one account, opening one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.account_admin.domain import accounts
from portal.account_admin.domain.accounts import MANAGE, AccountRefused
from portal.accounts.domain.attempts import FAILURES_ALLOWED, failures_of
from portal.accounts.domain.second_factor import has_second_factor
from portal.accounts.models import SignIn, User
from portal.accounts.web.people import freshly_confirmed
from portal.accounts.web.visitors import browser_name
from portal.ground.rights import needs
from portal.organisations.domain.rights import current_grants
from portal.organisations.models import Member
from portal.organisations.web.picking import OrganisationField

PER_PAGE = 50
RECENT = 10


class OpenAccountForm(forms.Form):
    """Who gets an account, and by what the person signs in."""

    organisation = OrganisationField(right=MANAGE, label=gettext_lazy("所属组织"))
    username = forms.CharField(
        label=gettext_lazy("用户名"), max_length=150, help_text=gettext_lazy("文字、数字和 @ . + - _，以后不改。")
    )
    display_name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    is_member = forms.BooleanField(
        label=gettext_lazy("与同名的党员档案关联"),
        required=False,
        initial=True,
        help_text=gettext_lazy("档案须在所选组织中，并且还没有账号。"),
    )
    work_number = forms.CharField(label=gettext_lazy("工号"), max_length=40, required=False)
    phone = forms.CharField(label=gettext_lazy("手机号"), max_length=20, required=False)

    def __init__(self, actor: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer_to(actor)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["member"] = None
        if data.pop("is_member", False) and data.get("organisation") and data.get("display_name"):
            found = Member.objects.filter(
                organisation=data["organisation"], name=data["display_name"].strip(), user__isnull=True
            )[:2]
            if len(found) != 1:
                self.add_error(
                    "is_member",
                    _("所选组织中没有同名且无账号的党员。")
                    if not found
                    else _("所选组织中有多位同名党员，请先不关联。"),
                )
            else:
                data["member"] = found[0]
        return data


def _found(request: HttpRequest) -> Any:
    rows = accounts.accounts_within(request.user).select_related("member__organisation", "home__organisation")
    query = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    state = request.GET.get("state", "")
    if query:
        rows = rows.filter(Q(username__icontains=query) | Q(display_name__icontains=query))
    if state in ("active", "disabled"):
        rows = rows.filter(is_active=state == "active")
    return rows.order_by("username"), query, state


@needs(MANAGE)
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """The accounts, by name or state."""
    rows, query, state = _found(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "query": query, "state": state, "page_title": _("账号")}
    return render(request, "account_admin/overview.html", context)


def _account(request: HttpRequest, uid: str) -> User:
    """The account, or 404 exactly as for an absent one when it lies outside the own subtrees."""
    return get_object_or_404(accounts.accounts_within(request.user), uid=uid)


@needs(MANAGE)
@never_cache
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One account with what can be done about it."""
    return _show_one(request, _account(request, uid))


def _show_one(request: HttpRequest, user: User, password: str = "") -> HttpResponse:
    sign_ins = SignIn.objects.filter(user=user)[:RECENT]
    context = {
        "account": user,
        "organisation": accounts.organisation_of_account(user),
        "untouchable": accounts.why_untouchable(request.user, user),
        "grants": current_grants(user).select_related("organisation"),
        "has_factor": has_second_factor(user),
        "paused": failures_of(user) >= FAILURES_ALLOWED,
        "sign_ins": [(sign_in, browser_name(sign_in.browser)) for sign_in in sign_ins],
        "one_time_password": password,
        "page_title": user.get_full_name(),
    }
    return render(request, "account_admin/one.html", context)


@needs(MANAGE)
@never_cache
@freshly_confirmed
def open_account(request: HttpRequest) -> HttpResponse:
    """The form for a new account."""
    form = OpenAccountForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = accounts.open_account(request.user, **form.cleaned_data)
        except AccountRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show_one(request, user, password)
    return render(request, "account_admin/open.html", {"form": form, "page_title": _("开户")})


ACTS: dict[str, tuple[Callable[[Any, User], None], Any]] = {
    "disable": (accounts.disable_account, gettext_lazy("账号已停用，登录已全部结束。")),
    "enable": (accounts.enable_account, gettext_lazy("账号已启用。")),
    "unlock": (accounts.lift_pause, gettext_lazy("登录限制已解除。")),
    "factor": (accounts.take_second_factor_away, gettext_lazy("动态口令已移除；职责要求时，下次登录重新启用。")),
    "sign-out": (accounts.sign_out_everywhere, gettext_lazy("该账号的登录已全部结束。")),
}


@needs(MANAGE)
@require_POST
@never_cache
@freshly_confirmed
def act(request: HttpRequest, uid: str, name: str) -> HttpResponse:
    """Do one of the acts, or reset the password."""
    user = _account(request, uid)
    if name != "reset" and name not in ACTS:
        raise Http404
    try:
        if name == "reset":
            return _show_one(request, user, accounts.reset_password(request.user, user))
        operation, sentence = ACTS[name]
        operation(request.user, user)
        messages.success(request, str(sentence))
    except AccountRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("account_admin_one", uid=user.uid)
