"""Asking the owner of a rule, and answering."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.ground.rights import may, signed_in
from portal.regulations.domain import asking
from portal.regulations.domain.keeping import labels_of
from portal.regulations.models import Lineage, Regulation
from portal.regulations.web.about import crumbs
from portal.regulations.web.mine import of_a_place, place_asked


@require_POST
@signed_in
@of_a_place
def ask(request: HttpRequest) -> HttpResponse:
    """Send a question to the owner of a rule."""
    regulation, lineage = place_asked(request)
    text = request.POST.get("text", "")
    try:
        question = asking.ask(request.user, regulation, lineage, text)
    except asking.NotAsked as refusal:
        return _again(request, str(refusal), text, regulation, lineage)
    messages.success(request, _("问题已转给%(owner)s，答复后会通知您。") % {"owner": question.organisation})
    return redirect("regulations:question", question.uid)


def _again(
    request: HttpRequest, refusal: str, text: str, regulation: Regulation, lineage: Lineage | None
) -> HttpResponse:
    context = {"refusal": refusal, "text": text, "regulation": regulation, "lineage": lineage, "asks": True}
    context["action"] = reverse("regulations:ask")
    return render(request, "regulations/note.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def question(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A question with its answer; whoever may answer it does so here."""
    found = asking.question_for(request.user, uid)
    if found is None:
        raise Http404
    may_answer = may(request.user, asking.ANSWER, found.organisation)
    refusal, text = "", found.answer
    if request.method == "POST":
        if not may_answer:
            messages.error(request, _("只有责任组织可以答复。"))
            return redirect("regulations:question", uid)
        text = request.POST.get("answer", "")
        try:
            asking.answer(found, text, actor=request.user)
        except asking.NotAsked as reason:
            refusal = str(reason)
        else:
            messages.success(request, _("答复已发布，提问人会收到通知。"))
            return redirect("regulations:question", uid)
    label = labels_of([found.lineage]).get(found.lineage_id or 0, "")
    context = {
        "question": found,
        "label": label,
        "place_url": asking.place_url(found),
        "may_answer": may_answer,
        "is_own": found.user_id == request.user.pk,
        "refusal": refusal,
        "text": text,
        "crumbs": crumbs(found.regulation, _("提问")),
    }
    return render(request, "regulations/question.html", context, status=422 if refusal else 200)
