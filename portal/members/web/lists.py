"""Members for those who look after them: the list, a file, what is behind a mask, changes, export."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.ground.clock import now, today
from portal.ground.rights import confirmed_to_act, may, needs
from portal.members.domain.access import record_look
from portal.members.domain.consents import PHONE_IN_BRANCH, given_by
from portal.members.domain.exporting import (
    OPEN_FOR,
    AlreadyDecided,
    AnswerMissing,
    MayNotReveal,
    NobodyApproves,
    NotTheirs,
    ask_export,
    decide_export,
    export_to_decide,
    exports_to_approve,
)
from portal.members.domain.fields import BY_NAME, PUNISHMENT, Sensitivity
from portal.members.domain.files import Contradiction, change_file, enter_award, reveal, reveal_punishments
from portal.members.domain.queries import (
    MOST_COUNTED,
    Wanted,
    awards_of,
    find_members,
    is_number,
    member_in_charge,
    missing_of,
    values_of,
)
from portal.members.domain.timeline import party_years, timeline_of
from portal.members.models import AccessEntry, Award, PreparedFile
from portal.members.rights import CORRECT, EDIT, EXPORT, IMPORT, REVEAL, UNSEAL, VIEW
from portal.members.web.forms import AwardForm, ExportForm, FileForm, ReasonForm
from portal.members.web.pages import crumbs
from portal.organisations.models import Member

PER_PAGE = 20


def wanted_of(asked: Any) -> Wanted:
    """What a list is narrowed to, from the query of the address."""
    stage = asked.get("stage", "")
    return Wanted(
        words=asked.get("q", "").replace("\0", "")[:60].strip(),
        stage=stage if stage in Member.Stage.values else "",
        unit=asked.get("unit", "").replace("\0", "")[:60].strip(),
        missing=asked.get("missing") == "1",
    )


def _asked(wanted: Wanted) -> dict[str, str]:
    asked = {"q": wanted.words, "unit": wanted.unit, "stage": wanted.stage, "missing": "1" if wanted.missing else ""}
    return {name: value for name, value in asked.items() if value}


@needs(VIEW)
@never_cache
@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
def member_list(request: HttpRequest) -> HttpResponse:
    """The members of the own subtree, covered. The search comes by POST, so that a whole number never stands in an address,
    where logs and histories keep it; anything else is sent on to an address of its own."""
    wanted = wanted_of(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and not is_number(wanted.words):
        return redirect(f"{reverse('memberfiles:list')}?{urlencode(_asked(wanted))}")
    if request.method != "POST" and is_number(wanted.words):
        wanted = dataclasses.replace(wanted, words="")
    found, by = find_members(request.user, VIEW, wanted)
    page = Paginator(found[:MOST_COUNTED], PER_PAGE).get_page(request.GET.get("page"))
    members = list(page.object_list)
    if by:
        for one in members:
            record_look(one, request.user, AccessEntry.Act.FOUND, fields=[by])
    context = {
        "page_obj": page,
        "rows": [_row(one) for one in members],
        "wanted": wanted,
        "is_narrowed": wanted != Wanted(),
        "total": page.paginator.count,
        "is_capped": page.paginator.count >= MOST_COUNTED,
        "stages": Member.Stage.choices,
        "may_edit": may(request.user, EDIT),
        "may_import": may(request.user, IMPORT),
        "may_export": may(request.user, EXPORT),
        "may_correct": may(request.user, CORRECT),
    }
    return render(request, "members/list.html", context)


def _row(member: Member) -> dict[str, Any]:
    phone = BY_NAME["phone"]
    return {
        "member": member,
        "posts": "、".join(str(post.get_kind_display()) for post in member.posts_now),  # type: ignore[attr-defined]
        "phone": phone.covered(phone.value_of(member)),
        "missing": [field.label for field in missing_of(member)],
    }


def _member_or_404(request: HttpRequest, right: str, uid: uuid.UUID) -> Member:
    found = member_in_charge(request.user, right, uid)
    if found is None:
        raise Http404
    return found


def _in_full(request: HttpRequest, member: Member) -> frozenset[str]:
    """What needs no reason: the phone of a member who agreed to that, for those who work with the member."""
    if not may(request.user, REVEAL, member.organisation):
        return frozenset()
    return frozenset({"phone"}) if PHONE_IN_BRANCH in given_by(member) else frozenset()


@needs(VIEW)
@never_cache
@require_safe
def member(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A file, covered. The look is written down."""
    found = _member_or_404(request, VIEW, uid)
    record_look(found, request.user, AccessEntry.Act.OPENED)
    return _show(request, found, in_full=_in_full(request, found))


def _show(
    request: HttpRequest,
    found: Member,
    *,
    in_full: frozenset[str],
    form: ReasonForm | None = None,
    punishments: list[Award] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    context = {
        "member": found,
        "values": values_of(found, covered=True, in_full=in_full),
        "awards": awards_of(found, covered=True),
        "punishments": punishments,
        "punishment_label": PUNISHMENT.label,
        "missing": missing_of(found),
        "timeline": timeline_of(found),
        "party_years": party_years(found.joined_on, today()),
        "form": form or ReasonForm(auto_id="reveal_%s"),
        "may_reveal": may(user, REVEAL, found.organisation),
        "may_unseal": may(user, UNSEAL, found.organisation),
        "may_edit": may(user, EDIT, found.organisation),
        "is_own": found.user_id == user.pk,
        "revealed": bool(in_full - _in_full(request, found)) or punishments is not None,
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (found.name, "")),
    }
    return render(request, "members/member.html", context, status=status)


@needs(VIEW)
@never_cache
@require_POST
@confirmed_to_act
def reveal_values(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What is behind the masks, once, with a reason."""
    found = _member_or_404(request, VIEW, uid)
    sealed = request.POST.get("what") == PUNISHMENT.name
    if not may(request.user, UNSEAL if sealed else REVEAL, found.organisation):
        raise PermissionDenied
    form = ReasonForm(request.POST, auto_id="reveal_%s")
    if not form.is_valid():
        return _show(request, found, in_full=_in_full(request, found), form=form, status=422)
    if sealed:
        rows = reveal_punishments(found, form.cleaned_data["reason"], actor=request.user)
        return _show(request, found, in_full=_in_full(request, found), punishments=rows)
    wanted = request.POST.getlist("field") or list(BY_NAME)
    names = [
        name
        for name in wanted
        if name in BY_NAME
        and BY_NAME[name].sensitivity is Sensitivity.MASKED
        and BY_NAME[name].value_of(found) not in ("", None)
    ]
    if not names:
        raise Http404
    reveal(found, names, form.cleaned_data["reason"], actor=request.user)
    return _show(request, found, in_full=frozenset(names) | _in_full(request, found))


@needs(EDIT)
@never_cache
@sensitive_post_parameters("id_number", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a file, with a reason that the member sees."""
    found = _member_or_404(request, EDIT, uid)
    if found.user_id == request.user.pk:
        messages.info(request, _("自己的档案由他人维护；需要改动请在这里申请更正。"))
        return redirect("memberfiles:me")
    form = FileForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_file(found, form.values(), actor=request.user, reason=form.cleaned_data["reason"])
        except Contradiction as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            if changed:
                messages.success(request, _("已保存，修改前的内容作为上一版本封存。"))
            else:
                messages.info(request, _("没有改动。"))
            return redirect("memberfiles:member", uid)
    else:
        record_look(found, request.user, AccessEntry.Act.OPENED)
    context = {
        "member": found,
        "form": form,
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (found.name, "memberfiles:member", uid), (_("修改"), "")),
    }
    return render(request, "members/edit.html", context)


@needs(EDIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def award(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Enter an award or a punishment."""
    found = _member_or_404(request, EDIT, uid)
    if found.user_id == request.user.pk:
        raise PermissionDenied
    form = AwardForm(request.POST or None, may_punish=may(request.user, UNSEAL, found.organisation))
    if request.method == "POST" and form.is_valid():
        enter_award(found, actor=request.user, **form.cleaned_data)
        messages.success(request, _("已登记。"))
        return redirect("memberfiles:member", uid)
    context = {
        "member": found,
        "form": form,
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (found.name, "memberfiles:member", uid), (_("登记奖惩"), "")),
    }
    return render(request, "members/award.html", context)


@needs(EXPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_to_act
def export(request: HttpRequest) -> HttpResponse:
    """Export what the list shows, with a reason that each member sees."""
    wanted = wanted_of(request.GET)
    form = ExportForm(request.POST or None, may_reveal=may(request.user, REVEAL))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = ask_export(
                request.user,
                wanted,
                reason=data["reason"],
                in_full=data.get("in_full", False),
                file_format=data["file_format"],
            )
        except MayNotReveal:
            raise PermissionDenied from None
        except NobodyApproves:
            form.add_error(
                None, _("导出要由另一位有导出权限的人批准，现在没有这样的人。请先在本组织或上级组织增加一位管理员。")
            )
        else:
            return redirect("memberfiles:prepared", row.uid)
    found, _by = find_members(request.user, EXPORT, wanted)
    context = {
        "form": form,
        "wanted": wanted,
        "total": (total := found.order_by().prefetch_related(None).count()),
        "needs_approval": total > settings.EXPORT_APPROVAL_ABOVE,
        "to_approve": exports_to_approve(request.user)[:20],
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (_("导出"), "")),
    }
    return render(request, "members/export.html", context)


@needs(EXPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_to_act
def approve(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """An export that somebody else asked for: approve it or not."""
    row = export_to_decide(request.user, uid)
    if row is None:
        raise Http404
    error = ""
    if request.method == "POST":
        is_approved = request.POST.get("decision") == "approve"
        try:
            decide_export(row, approve=is_approved, answer=request.POST.get("answer", ""), actor=request.user)
        except AnswerMissing:
            error = _("不批准时请写明原因，申请人看得到。")
        except NotTheirs:
            raise PermissionDenied from None
        except AlreadyDecided:
            messages.info(request, _("这份申请刚刚已被处理，或者已经过期。"))
            return redirect("memberfiles:approve", uid)
        else:
            messages.success(
                request, _("已批准，文件正在为申请人准备。") if is_approved else _("已退回，并通知申请人。")
            )
            return redirect("memberfiles:export")
    asked = row.asked
    context = {
        "row": row,
        "stage": dict(Member.Stage.choices).get(asked["stage"], ""),
        "ends_at": row.made_at + OPEN_FOR,
        "is_open": row.state == PreparedFile.State.ASKED and row.made_at + OPEN_FOR > now(),
        "error": error,
        "answer": request.POST.get("answer", "")[:300],
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (_("导出"), "memberfiles:export"), (_("批准导出"), "")),
    }
    return render(request, "members/approve.html", context, status=422 if error else 200)
