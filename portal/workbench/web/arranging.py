"""Moving cards, putting them away, fetching them back. Works by buttons alone; dragging sends the same orders."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from plugins.host.render import cards_offered
from portal.ground.rights import signed_in
from portal.workbench.domain.arrangement import (
    UnknownCard,
    arranged,
    arrangement_of,
    is_due,
    move_card,
    reset,
    set_order,
    show_card,
)


@signed_in
@require_GET
def arrange(request: HttpRequest) -> HttpResponse:
    """All cards of the person in their order, each with its buttons. `moved` and `did` say where the focus belongs."""
    arrangement = arrangement_of(request.user)
    cards = arranged(cards_offered(request), arrangement)
    hidden = set(arrangement.hidden)
    columns = [
        [card for card in cards if is_due(card) and card.key not in hidden],
        [card for card in cards if not is_due(card) and card.key not in hidden],
    ]
    context = {
        "columns": [column for column in columns if column],
        "hidden": [card for card in cards if card.key in hidden],
        "moved": request.GET.get("moved", ""),
        "did": request.GET.get("did", ""),
        "arranged": arrangement.pk is not None,
    }
    return render(request, "workbench/arrange.html", context)


@signed_in
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Do what a button says (up, down, hide, show) with one card, or (reset) with all, or (order) set a whole order."""
    did, key = request.POST.get("did", ""), request.POST.get("card", "")
    items = cards_offered(request)
    try:
        if did in ("up", "down"):
            move_card(request.user, items, key, up=did == "up")
        elif did in ("hide", "show"):
            show_card(request.user, items, key, shown=did == "show")
        elif did == "order":
            set_order(request.user, items, request.POST.getlist("key"))
            return HttpResponse(status=204)
        elif did == "reset":
            reset(request.user)
        else:
            raise Http404
    except UnknownCard as error:
        raise Http404 from error
    return redirect(f"{reverse('workbench:arrange')}?{urlencode({'moved': key, 'did': did})}")
