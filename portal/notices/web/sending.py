"""Sending a notice to the members of an organisation, and seeing who has read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.ground.ids import new_uid
from portal.ground.rights import needs
from portal.notices.domain.sending import (
    message_for,
    messages_sent_by,
    receipts_of,
    send_to_members,
)
from portal.notices.rights import SEND
from portal.notices.web.forms import SendForm
from portal.notices.web.views import PER_PAGE, tabs_for


@needs(SEND.code)
@require_GET
def sent_list(request: HttpRequest) -> HttpResponse:
    """What the person has sent, with how many were told and have read."""
    page = Paginator(messages_sent_by(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/sent.html", {"tabs": tabs_for(request), "page_obj": page})


@needs(SEND.code)
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Write a notice. The form's uid makes sending it twice one notice."""
    user: Any = request.user
    form = SendForm(request.POST or None, user=user, initial={"uid": new_uid()})
    if request.method == "POST" and form.is_valid():
        message = send_to_members(
            user,
            form.cleaned_data["organisation"],
            form.cleaned_data["title"],
            form.cleaned_data["text"],
            form.cleaned_data["url"],
            uid=form.cleaned_data["uid"],
        )
        messages.success(request, _("通知已发出，正在送达。"))
        return redirect("notices:receipts", message.uid)
    return render(request, "notices/send.html", {"tabs": tabs_for(request), "form": form})


@needs(SEND.code)
@require_GET
def receipts(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who has not read it yet, or (`show=read`) who has and when."""
    message = message_for(request.user, uid)
    if message is None:
        raise Http404
    found = receipts_of(message)
    read = request.GET.get("show") == "read"
    page = Paginator(found.read if read else found.unread, PER_PAGE).get_page(request.GET.get("page"))
    context = {"message": message, "receipts": found, "read": read, "page_obj": page}
    return render(request, "notices/receipts.html", context)
