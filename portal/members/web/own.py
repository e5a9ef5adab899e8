"""The member's own page: the file, who looked, corrections, consents, and everything to take away."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.ground.clock import today
from portal.ground.rights import signed_in
from portal.members.domain.access import looks_at
from portal.members.domain.consents import (
    PURPOSES,
    UnknownPurpose,
    give_consent,
    given_by,
    withdraw_consent,
)
from portal.members.domain.corrections import (
    AlreadyDecided,
    AlreadyWaiting,
    NeverEmpty,
    NothingToCorrect,
    ask_correction,
    withdraw_correction,
)
from portal.members.domain.downloads import ask_personal_data
from portal.members.domain.fields import BY_NAME
from portal.members.domain.holdings import label_of
from portal.members.domain.queries import awards_of, missing_of, values_of
from portal.members.domain.storing import StoredFileGone, stored
from portal.members.domain.timeline import party_years, timeline_of
from portal.members.models import Correction, PreparedFile
from portal.members.web.forms import CorrectionForm
from portal.members.web.pages import crumbs
from portal.organisations.domain.people import member_of
from portal.organisations.models import Member

LOOKS_SHOWN = 5
PER_PAGE = 30


def _own_member(request: HttpRequest) -> Member:
    """The member file of the person, with everything the page needs. 404 without one."""
    known = member_of(request.user)
    if known is None:
        raise Http404
    return Member.objects.select_related("organisation", "file", "user").get(pk=known.pk)


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """The own file, covered against a glance over the shoulder until one asks by POST; nobody else is told of that."""
    if member_of(request.user) is None:
        return render(request, "members/no_file.html")
    member = _own_member(request)
    in_full = request.method == "POST"
    entries = list(looks_at(member)[: LOOKS_SHOWN + 1])
    given = given_by(member)
    prepared = PreparedFile.objects.filter(user=request.user, kind=PreparedFile.Kind.PERSONAL).order_by("-pk").first()
    context = {
        "member": member,
        "values": values_of(member, covered=not in_full),
        "in_full": in_full,
        "missing": missing_of(member),
        "awards": awards_of(member, covered=False),
        "timeline": timeline_of(member),
        "party_years": party_years(member.joined_on, today()),
        "looks": [_look(entry) for entry in entries[:LOOKS_SHOWN]],
        "more_looks": len(entries) > LOOKS_SHOWN,
        "corrections": [
            {"row": row, "label": label_of(row.field)} for row in member.corrections.order_by("-asked_at", "-pk")[:20]
        ],
        "purposes": [{"purpose": purpose, "given": given.get(purpose.code)} for purpose in PURPOSES],
        "prepared": prepared if prepared and prepared.state != PreparedFile.State.GONE else None,
    }
    return render(request, "members/me.html", context)


def _look(entry: Any) -> dict[str, Any]:
    return {"entry": entry, "fields": [label_of(name) for name in entry.fields]}


@signed_in
@never_cache
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Everybody who looked at the own file."""
    page = Paginator(looks_at(_own_member(request)), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "looks": [_look(entry) for entry in page.object_list],
        "crumbs": crumbs((_("我的档案"), "memberfiles:me"), (_("谁看过我的档案"), "")),
    }
    return render(request, "members/looks.html", context)


@signed_in
@require_POST
def consents(request: HttpRequest) -> HttpResponse:
    """Give or take back a consent."""
    member = _own_member(request)
    purpose = request.POST.get("purpose", "")
    if request.POST.get("give") == "1":
        try:
            give_consent(member, purpose, actor=request.user)
        except UnknownPurpose:
            raise Http404 from None
        messages.success(request, _("已记下您的同意，随时可以撤回。"))
    elif withdraw_consent(member, purpose, actor=request.user):
        messages.success(request, _("已撤回，从现在起生效。"))
    return redirect("memberfiles:me")


@signed_in
@never_cache
@sensitive_post_parameters("value")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, field: str) -> HttpResponse:
    """Ask for a correction of one field."""
    member = _own_member(request)
    known = BY_NAME.get(field)
    if known is None or not known.correctable:
        raise Http404
    form = CorrectionForm(known, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            typed = request.POST.get("value", "")
            ask_correction(member, field, typed, data["reason"], actor=request.user, uid=data["uid"])
        except NothingToCorrect:
            form.add_error("value", _("与档案中现在的内容相同。"))
        except NeverEmpty:
            form.add_error("value", _("这一项不能改为空，请填写完整的内容。"))
        except AlreadyWaiting:
            form.add_error(None, _("这一项已有一份更正申请在等待审核；要改动请先撤回它。"))
        else:
            messages.success(request, _("已提交，由所在组织审核；结果会通知您。"))
            return redirect("memberfiles:me")
    context = {
        "form": form,
        "field": known,
        "now": known.shown(known.value_of(member)),
        "crumbs": crumbs((_("我的档案"), "memberfiles:me"), (_("申请更正"), "")),
    }
    return render(request, "members/ask.html", context)


@signed_in
@require_POST
def withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take a request back."""
    row = Correction.objects.filter(uid=uid, member=_own_member(request)).first()
    if row is None:
        raise Http404
    try:
        withdraw_correction(row, actor=request.user)
    except AlreadyDecided:
        messages.info(request, _("这份申请刚刚已经审核完毕。"))
    else:
        messages.success(request, _("已撤回。"))
    return redirect("memberfiles:me")


@signed_in
@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """Have everything put together."""
    row = ask_personal_data(request.user)
    return redirect("memberfiles:prepared", row.uid)


def _prepared(request: HttpRequest, uid: uuid.UUID) -> PreparedFile:
    row = PreparedFile.objects.filter(uid=uid, user=request.user).first()
    if row is None:
        raise Http404
    return row


@signed_in
@never_cache
@require_safe
def prepared(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """How far a file is; asked again every two seconds by the page itself."""
    row = _prepared(request, uid)
    context = {"row": row, "part": request.headers.get("HX-Request") == "true"}
    if context["part"]:
        return render(request, "members/parts/prepared.html", context)
    back = (
        ("memberfiles:me", _("我的档案")) if row.kind == PreparedFile.Kind.PERSONAL else ("memberfiles:list", _("党员"))
    )
    context["crumbs"] = crumbs((back[1], back[0]), (row.get_kind_display(), ""))
    return render(request, "members/prepared.html", context)


@signed_in
@never_cache
@require_safe
def fetch(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The file, for the one who asked for it, within a day."""
    row = _prepared(request, uid)
    if row.state != PreparedFile.State.READY:
        raise Http404
    try:
        content = stored(row.path)
    except StoredFileGone:
        raise Http404 from None
    response = FileResponse(io.BytesIO(content), as_attachment=True, filename=row.name)
    response["Cache-Control"] = "private, no-store"
    return response
