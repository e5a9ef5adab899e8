"""A person's notices and how they want to be told."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.ground.rights import may, signed_in
from portal.notices.channels import channels
from portal.notices.domain.notices import mark_read, notices_of, read_notice
from portal.notices.domain.preferences import choices_of, choose, preferences_of
from portal.notices.kinds import UnknownKind, declared_kinds, kind_named
from portal.notices.rights import SEND
from portal.notices.web.forms import PreferencesForm, chosen_in

PER_PAGE = 20


@dataclasses.dataclass(frozen=True)
class Tab:
    """One of the ways to look at a list."""

    label: str
    url: str
    current: bool
    count: int | None = None


def tabs_for(request: HttpRequest) -> tuple[Tab, ...]:
    """The pages of this app that this person has use for."""
    found = [(_("通知"), "notices:list"), (_("待办"), "notices:tasks")]
    if may(request.user, SEND.code):
        found.append((_("我发出的"), "notices:sent"))
    found.append((_("通知设置"), "notices:settings"))
    return tuple(Tab(label, url := reverse(name), request.path == url) for label, name in found)


@signed_in
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """What the person was told; `show=unread` and `kind=` narrow it."""
    unread_only = request.GET.get("show") == "unread"
    kind = request.GET.get("kind", "")
    if kind not in {one.code for one in declared_kinds()}:
        kind = ""
    page = Paginator(notices_of(request.user, unread_only=unread_only, kind=kind), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "tabs": tabs_for(request),
        "page_obj": page,
        "notices": [(notice, label_of(notice.kind)) for notice in page.object_list],
        "unread_only": unread_only,
        "kind": kind,
        "kinds": declared_kinds(),
        "narrowed": unread_only or kind,
    }
    return render(request, "notices/list.html", context)


def label_of(code: str) -> str:
    """What people call a kind; empty for one whose plugin is gone."""
    try:
        return kind_named(code).text
    except UnknownKind:
        return ""


@signed_in
@require_GET
def open_notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Read a notice: go where it leads, or show its text. Another person's notice is absent."""
    notice = read_notice(request.user, uid)
    if notice is None:
        raise Http404
    if notice.url and not (notice.message is not None and notice.message.text):
        return redirect(notice.url)
    return render(request, "notices/notice.html", {"notice": notice, "kind": label_of(notice.kind)})


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read and come back."""
    number = mark_read(request.user)
    if number:
        messages.success(request, _("已将 %(count)s 条通知标为已读。") % {"count": number})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "notices:list")


@signed_in
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """By which channels each kind arrives, quiet hours, the digest."""
    user: Any = request.user
    form = PreferencesForm(request.POST or None, instance=preferences_of(user))
    if request.method == "POST" and form.is_valid():
        choose(user, chosen_in(request.POST), form.cleaned_data)
        messages.success(request, _("通知设置已保存。"))
        return redirect("notices:settings")
    context = {
        "tabs": tabs_for(request),
        "form": form,
        "channels": [(channel, channel.has_address(user)) for channel in channels()],
        "kinds": choices_of(user),
    }
    return render(request, "notices/settings.html", context)
