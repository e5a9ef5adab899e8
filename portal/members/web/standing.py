"""Where a member stands: the first file, another organisation, another stage."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.ground.rights import needs
from portal.members.domain.files import Contradiction
from portal.members.domain.queries import member_in_charge
from portal.members.domain.standing import NothingTurns, PossiblyKnown, enter_file, transfer_member, turn_stage
from portal.members.rights import EDIT
from portal.members.web.forms import EnterForm, StageForm, TransferForm
from portal.members.web.pages import crumbs
from portal.organisations.domain.refusals import Refused
from portal.organisations.models import Member


@needs(EDIT)
@never_cache
@sensitive_post_parameters("id_number", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """A file for somebody who has none."""
    form = EnterForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            member = enter_file(
                data["organisation"],
                form.values(),
                stage=data["stage"],
                on=data["on"],
                is_another=data["is_another"],
                actor=request.user,
                reason=data["reason"],
            )
        except PossiblyKnown as refusal:
            form.ask_whether_another(str(refusal))
        except Contradiction as refusal:
            form.add_error(refusal.field, str(refusal))
        except Refused as refusal:
            form.add_error("on", str(refusal))
        else:
            messages.success(request, _("已建档。"))
            return redirect("memberfiles:member", member.uid)
    trail = crumbs((_("党员"), "memberfiles:list"), (_("新建档案"), ""))
    context = {"form": form, "title": _("新建档案"), "lead": _("一人一档。成批录入请用表格导入。"), "crumbs": trail}
    return render(request, "members/standing.html", context, status=422 if form.errors else 200)


def _other_member(request: HttpRequest, uid: uuid.UUID) -> Member:
    """A member whose files this person keeps, but never the own one. Raises Http404, PermissionDenied."""
    found = member_in_charge(request.user, EDIT, uid)
    if found is None:
        raise Http404
    if found.user_id is not None and found.user_id == request.user.pk:
        raise PermissionDenied
    return found


@needs(EDIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Another organisation."""
    member = _other_member(request, uid)
    form = TransferForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            transfer_member(member, data["to"], on=data["on"], actor=request.user, reason=data["reason"])
        except NothingTurns:
            form.add_error("to", _("%(name)s已经在这个组织。") % {"name": member.name})
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("组织关系已调整；在原组织的职务同时结束。"))
            return redirect("memberfiles:member", uid)
    return _show(request, member, form, _("调整所在组织"), _("在原组织担任的职务同时结束，本人需要重新登录。"))


@needs(EDIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stage(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Another stage."""
    member = _other_member(request, uid)
    form = StageForm(member, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            turn_stage(member, data["stage"], on=data["on"], actor=request.user, reason=data["reason"])
        except NothingTurns:
            form.add_error("stage", _("%(name)s已经是这一类别。") % {"name": member.name})
        except (Refused, Contradiction) as refusal:
            form.add_error("on", str(refusal))
        else:
            messages.success(request, _("人员类别已调整。"))
            return redirect("memberfiles:member", uid)
    lead = _("转为预备党员、正式党员时，没有登记过的入党日期、转正日期按这一天填写；已转出和停止党籍的，职务同时结束。")
    return _show(request, member, form, _("调整人员类别"), lead)


def _show(request: HttpRequest, member: Member, form: forms.Form, title: str, lead: str) -> HttpResponse:
    context: dict[str, Any] = {
        "member": member,
        "form": form,
        "title": title,
        "lead": lead,
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (member.name, "memberfiles:member", member.uid), (title, "")),
    }
    return render(request, "members/standing.html", context, status=422 if form.errors else 200)
