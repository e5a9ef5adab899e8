"""Corrections for those who decide on them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.ground.rights import needs
from portal.members.domain.access import record_look
from portal.members.domain.corrections import (
    AlreadyDecided,
    AnswerMissing,
    correction_in_charge,
    corrections_to_decide,
    decide_correction,
)
from portal.members.domain.fields import BY_NAME
from portal.members.domain.files import Contradiction
from portal.members.domain.identity import UnreadableValue
from portal.members.models import AccessEntry, Correction
from portal.members.rights import CORRECT
from portal.members.web.pages import crumbs

PER_PAGE = 30


@needs(CORRECT)
@never_cache
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a decision."""
    page = Paginator(corrections_to_decide(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [{"row": row, "label": BY_NAME[row.field].label} for row in page.object_list],
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (_("更正申请"), "")),
    }
    return render(request, "members/corrections.html", context)


@needs(CORRECT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One request: what the file says, what it should say. Both stand there in full, since deciding is comparing; the look is
    written down."""
    row = correction_in_charge(request.user, uid)
    if row is None:
        raise Http404
    field = BY_NAME[row.field]
    error = ""
    if request.method == "POST":
        approve = request.POST.get("decision") == "approve"
        try:
            decide_correction(row, approve=approve, answer=request.POST.get("answer", ""), actor=request.user)
        except AnswerMissing:
            error = _("不通过时请写明原因，申请人看得到。")
        except (Contradiction, UnreadableValue) as refusal:
            error = _("现在不能这样更正：%(why)s") % {"why": refusal}
            row.refresh_from_db()
        except AlreadyDecided:
            messages.info(request, _("这份申请刚刚已被处理。"))
            return redirect("memberfiles:corrections")
        else:
            messages.success(request, _("已更正，并通知本人。") if approve else _("已退回，并通知本人。"))
            return redirect("memberfiles:corrections")
    elif field.is_hidden and row.state == Correction.State.WAITING:
        reason = _("审核本人提出的更正")
        record_look(row.member, request.user, AccessEntry.Act.REVEALED, fields=[field.name], reason=reason)
    context = {
        "row": row,
        "label": field.label,
        "before": field.shown(field.read(row.before)) if row.before else "",
        "after": field.shown(field.read(row.after)) if row.after else "",
        "error": error,
        "answer": request.POST.get("answer", "")[:300],
        "crumbs": crumbs(
            (_("党员"), "memberfiles:list"), (_("更正申请"), "memberfiles:corrections"), (row.member.name, "")
        ),
    }
    return render(request, "members/correction.html", context, status=422 if error else 200)
