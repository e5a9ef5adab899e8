"""Approved questions and answers: the list and one of them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.finding.domain.answers import sources_of, visible_answers
from portal.ground.rights import open_to_all
from portal.ground.suppliers import viewer_of

PER_PAGE = 20


@require_safe
@open_to_all
def listed(request: HttpRequest) -> HttpResponse:
    """The approved answers that the reader may see, newest first."""
    rows = visible_answers(viewer_of(request.user)).select_related("owner_organisation").order_by("-approved_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", "1")[:6])
    return render(request, "finding/answers.html", {"page_obj": page})


@require_safe
@open_to_all
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One answer with what it rests on; 404 as if absent for those who may not see it."""
    viewer = viewer_of(request.user)
    answer = visible_answers(viewer).filter(code=code).select_related("owner_organisation").first()
    if answer is None:
        raise Http404
    return render(request, "finding/answer.html", {"answer": answer, "sources": sources_of(answer, viewer)})
