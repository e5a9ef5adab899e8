"""What is disclosed, the calendar, and the desk of those who propose and check."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from plugins.bundled.disclosure.domain import flow, queries
from plugins.bundled.disclosure.domain.text import blocks_of
from plugins.bundled.disclosure.models import Item
from plugins.bundled.disclosure.web.forms import ItemForm
from plugins.sdk import needs, open_to_all, signed_in, today
from portal.public import facts

PER_PAGE = 20


@open_to_all
def items(request: HttpRequest) -> HttpResponse:
    """What is disclosed to this person, by category."""
    category = request.GET.get("category", "")
    try:
        category = str(uuid.UUID(category)) if category else ""
    except ValueError:
        category = ""
    number = request.GET.get("organisation", "")
    organisation = facts.organisation(int(number)) if number.isdecimal() and len(number) < 12 else None
    found = queries.items_for(
        request.user, category=category, organisation_id=organisation.id if organisation else None
    )
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "categories": queries.categories_for(request.user),
        "chosen": category,
        "organisation": organisation,
    }
    return render(request, "disclosure/items.html", context)


@open_to_all
def item(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One item; what this person may not see is not there."""
    found = get_object_or_404(queries.items_for(request.user), uid=uid)
    return render(request, "disclosure/item.html", {"item": found, "blocks": blocks_of(found.body)})


@open_to_all
def month(request: HttpRequest) -> HttpResponse:
    """The calendar of a month, `?month=2026-11`."""
    try:
        first = dt.date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        first = today().replace(day=1)
    if not 1949 <= first.year <= 2999:
        raise Http404
    return render(request, "disclosure/month.html", {"month": queries.month_for(request.user, first)})


@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    user = request.user
    if not (facts.may(user, flow.PROPOSE) or facts.may(user, flow.CHECK)):
        raise PermissionDenied
    context = {
        "to_check": queries.to_check(user),
        "to_propose": queries.to_propose(user),
        "on_the_way": queries.on_the_way(user),
        "may_propose": facts.may(user, flow.PROPOSE),
    }
    return render(request, "disclosure/desk.html", context)


@needs("disclosure.propose")
def new_item(request: HttpRequest) -> HttpResponse:
    """Write a new item."""
    form = ItemForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("已存为草稿。提交审查之后，由他人审查发布。"))
        return redirect("disclosure:desk")
    return render(request, "disclosure/edit.html", {"form": form, "item": None})


@needs("disclosure.propose")
def edit_item(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a draft or a returned item."""
    found = get_object_or_404(queries.to_propose(request.user), uid=uid)
    form = ItemForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("已保存。"))
        return redirect("disclosure:desk")
    return render(request, "disclosure/edit.html", {"form": form, "item": found})


@needs("disclosure.propose")
@require_POST
def propose(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Hand an item in for checking."""
    found = get_object_or_404(queries.to_propose(request.user), uid=uid)
    return _do(request, lambda: flow.propose_item(found, request.user), _("已提交审查。"))


@needs("disclosure.check")
def check(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Read an item as it was proposed, then let it pass or send it back."""
    found = get_object_or_404(Item.objects.filter(pk__in=queries.to_check(request.user).values("pk")), uid=uid)
    if request.method != "POST":
        return render(request, "disclosure/check.html", {"item": found, "blocks": blocks_of(found.body)})
    if request.POST.get("decision") == "approve":
        return _do(request, lambda: flow.approve_item(found, request.user), _("已通过审查。"))
    reason = request.POST.get("reason", "")
    try:
        flow.return_item(found, request.user, reason=reason)
    except flow.FlowRefused as refusal:
        context = {"item": found, "blocks": blocks_of(found.body), "refusal": _refusal_text(refusal), "reason": reason}
        return render(request, "disclosure/check.html", context, status=409)
    messages.success(request, _("已退回提出人。"))
    return redirect("disclosure:desk")


def _do(request: HttpRequest, action: Callable[[], Item], done: str) -> HttpResponse:
    try:
        action()
    except flow.FlowRefused as refusal:
        messages.error(request, _refusal_text(refusal))
    else:
        messages.success(request, done)
    return redirect("disclosure:desk")


def _refusal_text(refusal: flow.FlowRefused) -> str:
    if isinstance(refusal, flow.SamePerson):
        return _("自己提出的事项要由他人审查。")
    if isinstance(refusal, flow.ReasonNeeded):
        return _("退回时请写明理由，让提出人知道怎么改。")
    if isinstance(refusal, flow.WrongState):
        return _("这一事项已不在这个环节，可能别人刚刚处理过。")
    return _("您不负责这个组织的公开事项。")
