"""The workbench."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plugins.host.render import cards_of
from portal.basepage.rights import EDIT, REVIEW
from portal.ground.clock import today
from portal.ground.rights import needs, signed_in
from portal.workbench.domain.desk import desk_of, drafts_of, returned_to, reviews_waiting_for, waiting_of

DUE_BELOW = 40
PER_PAGE = 30


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is due, then the cards. A contributed card with an order below `DUE_BELOW` stands in the column of due things."""
    cards = cards_of(request)
    context = {
        "today": today(),
        "desk": desk_of(request.user),
        "due_cards": [card for card in cards if card.order < DUE_BELOW],
        "cards": [card for card in cards if card.order >= DUE_BELOW],
    }
    return render(request, "workbench/home.html", context)


@needs(REVIEW)
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """Everything that this reviewer may decide on."""
    return _list(request, _("等我审核"), reviews_waiting_for(request.user), _("没有等您审核的稿件。"))


@needs(EDIT)
@require_GET
def returned(request: HttpRequest) -> HttpResponse:
    """Everything that came back to this author."""
    return _list(request, _("退回给我修改"), returned_to(request.user), _("没有退回给您的稿件。"))


@needs(EDIT)
@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    """Everything that this author has not handed in."""
    return _list(request, _("我的草稿"), drafts_of(request.user), _("没有未提交的草稿。"))


def _list(request: HttpRequest, title: str, rows: QuerySet[Any], empty: str) -> HttpResponse:
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"title": title, "page_obj": page, "items": waiting_of(page.object_list), "empty": empty}
    return render(request, "workbench/list.html", context)
