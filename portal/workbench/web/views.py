"""The workbench."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plugins.host.figures import tiles_of
from plugins.host.render import cards_of, cards_offered
from portal.basepage.rights import EDIT, REVIEW
from portal.ground.clock import today
from portal.ground.rights import needs, signed_in
from portal.organisations.models import Organisation
from portal.workbench.domain.arrangement import arranged, arrangement_of, is_due
from portal.workbench.domain.desk import drafts_of, returned_to, reviews_waiting_for, waiting_of
from portal.workbench.domain.tiers import tier_at, tops_of
from portal.workbench.rights import OVERSEE

PER_PAGE = 30


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is due, then the cards, as the person has arranged them.

    The cards that are not due are fetched by the page itself (`?part=cards`), so that what presses is there at once; `?all=1`
    shows everything in one page, for browsers without scripts.
    """
    arrangement = arrangement_of(request.user)
    hidden = frozenset(arrangement.hidden)
    shown = [card for card in cards_offered(request) if card.key not in hidden]
    due = {card.key for card in shown if is_due(card)}
    later = {card.key for card in shown} - due
    if request.GET.get("part") == "cards":
        cards = arranged(cards_of(request, hidden | due), arrangement)
        return render(request, "workbench/parts/cards.html", {"cards": cards})
    everything = "all" in request.GET
    cards = arranged(cards_of(request, hidden if everything else hidden | later), arrangement)
    context = {
        "today": today(),
        "due_cards": [card for card in cards if card.key in due],
        "cards": [card for card in cards if card.key not in due],
        "to_fetch": bool(later) and not everything,
        "all_put_away": not shown or (everything and not cards),
    }
    return render(request, "workbench/home.html", context)


@signed_in
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """The tiles of the portal's own parts and of the plugins, as far as the person may see them."""
    return render(request, "workbench/figures.html", {"tiles": tiles_of(request), "today": today()})


@needs(OVERSEE.code)
@require_GET
def tiers(request: HttpRequest, uid: UUID | None = None) -> HttpResponse:
    """The organisations below one that the person oversees; without one the topmost, or a choice of several."""
    if uid is None:
        tops = tops_of(request.user)
        if len(tops) == 1 and not request.htmx:  # type: ignore[attr-defined]
            return redirect("workbench:tier", tops[0].uid)
        return render(request, "workbench/tops.html", {"tops": tops})
    organisation = Organisation.objects.filter(uid=uid).first()
    tier = tier_at(request.user, organisation) if organisation is not None else None
    if tier is None:
        raise Http404
    template = "workbench/parts/tier_card.html" if request.htmx else "workbench/tier.html"  # type: ignore[attr-defined]
    return render(request, template, {"tier": tier})


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
