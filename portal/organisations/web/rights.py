"""Pages about rights: who can do what here, the own roles, deputies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.domain.handles import user_by_login
from portal.ground.clock import today
from portal.ground.rights import Right, confirmed_to_act, signed_in
from portal.organisations.domain.deputies import end_deputy, name_deputy
from portal.organisations.domain.grants import GrantRefused
from portal.organisations.domain.holders import deputies_of, may_see_holders, nearby, own_grants, roles_here
from portal.organisations.domain.rights import current_grants, home_of, scopes_of
from portal.organisations.models import Organisation, RoleGrant


class DeputyForm(forms.Form):
    """Who stands in, from when to when, and why."""

    login = forms.CharField(
        label=gettext_lazy("代理人账号"), max_length=150, help_text=gettext_lazy("用户名、手机号或工号。")
    )
    valid_from = forms.DateField(label=gettext_lazy("开始"), widget=forms.DateInput(attrs={"type": "date"}))
    valid_to = forms.DateField(
        label=gettext_lazy("结束"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("含当天，最长 92 天。"),
    )
    reason = forms.CharField(label=gettext_lazy("事由"), max_length=120, required=False)


@signed_in
@require_GET
def who_can(request: HttpRequest, uid: Any) -> HttpResponse:
    """Who can do what in an organisation, and since when. Absent for those whom it does not concern."""
    scopes_of(request.user)  # asked before, so that an organisation of others costs as much as none
    organisation = get_object_or_404(Organisation.objects.current(), uid=uid)
    if not may_see_holders(request.user, organisation):
        raise Http404
    english = (get_language() or "").startswith("en")
    roles = [(found, [_label(right, english=english) for right in found.rights]) for found in roles_here(organisation)]
    above, below = nearby(request.user, organisation)
    context = {
        "organisation": organisation,
        "roles": roles,
        "below": below,
        "crumbs": [
            {"url": reverse("organisation:own_roles"), "label": _("我的角色")},
            *({"url": reverse("organisation:who_can", args=[row.uid]), "label": str(row)} for row in above),
            {"url": "", "label": str(organisation)},
        ],
    }
    return render(request, "organisations/who_can.html", context)


def _label(right: Right, *, english: bool) -> str:
    return right.label_en if english else right.label


@signed_in
@require_GET
def own_roles(request: HttpRequest) -> HttpResponse:
    """The own roles and the people who stand in for them."""
    home = home_of(request.user)
    return render(
        request,
        "organisations/own_roles.html",
        {"holdings": own_grants(request.user), "deputies": deputies_of(request.user), "home": home},
    )


@signed_in
@confirmed_to_act
def deputy(request: HttpRequest, uid: Any) -> HttpResponse:
    """Name a deputy for one of the own roles."""
    grant = get_object_or_404(current_grants(request.user).select_related("organisation", "user"), uid=uid)
    form = DeputyForm(request.POST or None, initial={"valid_from": today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = user_by_login(data["login"])
        try:
            if user is None:
                raise GrantRefused(_("代理人必须是这个党组织或其下级党组织的党员，账号在用。"))
            made = name_deputy(
                request.user,
                grant,
                user,
                valid_from=data["valid_from"],
                valid_to=data["valid_to"],
                reason=data["reason"],
            )
        except GrantRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("%(name)s将代理您的%(role)s，到 %(day)s 为止。")
            messages.success(request, text % {"name": made.user, "role": made.get_role_display(), "day": made.valid_to})
            return redirect("organisation:own_roles")
    return render(request, "organisations/deputy.html", {"form": form, "grant": grant})


@signed_in
@require_POST
@confirmed_to_act
def deputy_end(request: HttpRequest, uid: Any) -> HttpResponse:
    """End what a deputy does for oneself."""
    found = get_object_or_404(RoleGrant.objects.select_related("deputy_for"), uid=uid, deputy_for__user=request.user)
    end_deputy(request.user, found)
    messages.success(request, _("代理已结束。"))
    return redirect("organisation:own_roles")
