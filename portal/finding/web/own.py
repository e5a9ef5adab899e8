"""What a person keeps of searching: saved searches, recent ones, a list to take away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.finding.domain import saving
from portal.finding.domain.exporting import FORMATS, PER_PAGE, export_results
from portal.ground.clock import today
from portal.ground.rights import signed_in
from search.contracts import SearchUnavailable
from search.web.asking import Asked, asked_in, who_asks

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@signed_in
@never_cache
def saved(request: HttpRequest) -> HttpResponse:
    """The saved searches of this person."""
    rows = [{"saved": row, "asked": _asked_of(row)} for row in saving.saved_searches(request.user)]
    return render(request, "finding/saved.html", {"rows": rows, "most": saving.MOST_SAVED})


@require_POST
@signed_in
def add(request: HttpRequest) -> HttpResponse:
    """Save the search whose values the form holds."""
    asked = asked_in(request.POST)
    try:
        row = saving.save_search(request.user, asked.parameters(), name=request.POST.get("name", "")[:200])
    except saving.NothingAsked:
        messages.error(request, _("还没有输入要找的词，没有可以保存的搜索。"))
        return redirect("search:results")
    except saving.TooMany:
        messages.error(request, _("最多保存 %(n)s 个搜索，请先删去不用的。") % {"n": saving.MOST_SAVED})
        return redirect("finding:saved")
    messages.success(request, _("已保存“%(name)s”，有新内容时会通知您。") % {"name": row.name})
    return HttpResponseRedirect(reverse("search:results") + asked.address())


@require_safe
@signed_in
@never_cache
def open_saved(request: HttpRequest, uid: Any) -> HttpResponse:
    """A saved search of this person, newest first."""
    row = saving.saved_searches(request.user).filter(uid=uid).first()
    if row is None:
        raise Http404
    return HttpResponseRedirect(reverse("search:results") + _asked_of(row).address(sort="date"))


@require_POST
@signed_in
def change(request: HttpRequest, uid: Any) -> HttpResponse:
    """Rename a saved search, switch its alerts, or forget it."""
    act = request.POST.get("act", "")
    if act == "remove":
        there = saving.remove_saved(request.user, uid)
        said = _("已删除。")
    elif act in ("on", "off"):
        there = saving.change_saved(request.user, uid, alerts=act == "on")
        said = _("有新内容时会通知您。") if act == "on" else _("不再通知，搜索仍保存着。")
    else:
        there = saving.change_saved(request.user, uid, name=request.POST.get("name", "")[:200])
        said = _("已改名。")
    if not there:
        raise Http404
    messages.success(request, said)
    return redirect("finding:saved")


@require_POST
@signed_in
def recent(request: HttpRequest) -> HttpResponse:
    """Forget recent searches, or keep them no more, or again."""
    act = request.POST.get("act", "")
    if act == "clear":
        saving.clear_recent(request.user)
        messages.success(request, _("已清除最近的搜索。"))
    elif act in ("on", "off"):
        saving.set_keeps_recent(request.user, act == "on")
        messages.success(request, _("今后保留最近的搜索。") if act == "on" else _("已清除，今后不再保留。"))
    return redirect("search:results")


@require_POST
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """These results as a file."""
    asked = asked_in(request.POST)
    file_format = request.POST.get("format", "")
    if file_format not in FORMATS or not asked.query:
        messages.error(request, _("请先搜索，再选择导出为 XLSX 或 CSV。"))
        return HttpResponseRedirect(reverse("search:results") + (asked.address() if asked.query else ""))
    viewer, inactive = who_asks(request)
    origin = f"{request.scheme}://{request.get_host()}"
    try:
        content, rows = export_results(
            lambda number: asked.answer(viewer, inactive=inactive, per_page=PER_PAGE, page=number),
            file_format=file_format,
            origin=origin,
            actor=request.user,
        )
    except SearchUnavailable:
        messages.error(request, _("搜索暂时不可用，没有导出。请过一会儿再试。"))
        return HttpResponseRedirect(reverse("search:results") + asked.address())
    if not rows:
        messages.error(request, _("没有结果可以导出。"))
        return HttpResponseRedirect(reverse("search:results") + asked.address())
    response = HttpResponse(content, content_type=_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="search-{today().isoformat()}.{file_format}"'
    patch_cache_control(response, private=True, no_store=True)
    return response


def _asked_of(row: Any) -> Asked:
    values = QueryDict(mutable=True)
    for name, held in row.asked.items():
        values.setlist(name, [str(value) for value in held])
    return asked_in(values)
