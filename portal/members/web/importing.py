"""Importing: upload, columns, dry run, decision."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.ground.rights import needs
from portal.members.domain.exporting import template
from portal.members.domain.importing.mapping import WrongMapping, targets
from portal.members.domain.importing.running import (
    PROBLEMS_KEPT,
    WrongState,
    start_apply,
    start_check,
    upload,
)
from portal.members.domain.importing.running import drop as drop_run
from portal.members.models import ImportRun
from portal.members.rights import IMPORT
from portal.members.web.forms import UploadForm
from portal.members.web.pages import crumbs
from portal.shared.sheets import MAX_BYTES, UnreadableTable, write_csv

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs(IMPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Upload a table; earlier runs stand below."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > MAX_BYTES:
            limit = MAX_BYTES // 1024 // 1024
            form.add_error("file", _("文件超过 %(n)s MB，请分成几个文件导入。") % {"n": limit})
        else:
            try:
                made = upload(request.user, file.name, file.read())
            except UnreadableTable as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("memberfiles:import_run", made.uid)
    runs = Paginator(ImportRun.objects.filter(user=request.user).order_by("-pk"), 10).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": runs,
        "runs": runs.object_list,
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (_("导入"), "")),
    }
    return render(request, "members/import.html", context)


@needs(IMPORT)
@require_safe
def template_file(request: HttpRequest) -> HttpResponse:
    """The empty table."""
    response = HttpResponse(template(), content_type=XLSX)
    response["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E5%85%9A%E5%91%98%E5%AF%BC%E5%85%A5%E6%A8%A1%E6%9D%BF.xlsx"
    )
    return response


def _run_or_404(request: HttpRequest, uid: uuid.UUID) -> ImportRun:
    """A run of this person: nobody else's, whatever the rights, since it holds a copy of a file."""
    found = ImportRun.objects.filter(uid=uid, user=request.user).first()
    if found is None:
        raise Http404
    return found


@needs(IMPORT)
@never_cache
@require_safe
def run(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Where a run stands, and the next step."""
    return _show(request, _run_or_404(request, uid))


def _show(request: HttpRequest, found: ImportRun, *, error: str = "", chosen: Any = None) -> HttpResponse:
    context: dict[str, Any] = {
        "run": found,
        "error": error,
        "is_working": found.state in ("checking", "applying"),
        "writing": found.new_count + found.changed_count,
    }
    if request.headers.get("HX-Request") == "true" and context["is_working"]:
        return render(request, "members/parts/import_progress.html", context)
    mapping = chosen if chosen is not None else found.mapping
    context["columns"] = [
        {
            "place": place,
            "heading": heading or _("（无标题）"),
            "name": mapping.get(str(place), ""),
            "samples": [row[place] for row in found.samples if place < len(row) and row[place]],
        }
        for place, heading in enumerate(found.headers)
    ]
    context["targets"] = targets()
    page = Paginator(found.problems.all(), PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "page_obj": page,
        "problems": page.object_list,
        "problems_cut": found.error_count + found.warning_count > PROBLEMS_KEPT,
        "may_apply": found.state == "checked" and not found.error_count and found.new_count + found.changed_count > 0,
        "crumbs": crumbs((_("党员"), "memberfiles:list"), (_("导入"), "memberfiles:import"), (found.file_name, "")),
    }
    response = render(request, "members/import_run.html", context, status=422 if error else 200)
    if request.headers.get("HX-Request") == "true":
        response["HX-Refresh"] = "true"  # the work is over: the whole page has something new to say
    return response


@needs(IMPORT)
@require_POST
def check(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Check with the chosen columns."""
    found = _run_or_404(request, uid)
    chosen = {key.removeprefix("column_"): value for key, value in request.POST.items() if key.startswith("column_")}
    try:
        start_check(found, chosen or found.mapping)
    except WrongMapping as refusal:
        return _show(request, found, error=str(refusal), chosen=chosen)
    except WrongState:
        messages.info(request, _("这次导入已经在下一步了。"))
    return redirect("memberfiles:import_run", uid)


@needs(IMPORT)
@require_POST
def apply(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Bring the checked rows in."""
    try:
        start_apply(_run_or_404(request, uid))
    except WrongState:
        messages.info(request, _("现在不能导入：还有错误，或者已经在下一步了。"))
    return redirect("memberfiles:import_run", uid)


@needs(IMPORT)
@require_POST
def drop(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Give a run up."""
    try:
        drop_run(_run_or_404(request, uid))
    except WrongState:
        messages.info(request, _("这次导入已经在下一步了。"))
        return redirect("memberfiles:import_run", uid)
    messages.success(request, _("已放弃，上传的文件已删除，没有改动任何档案。"))
    return redirect("memberfiles:import")


@needs(IMPORT)
@require_safe
def problems(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """All problems as a table, to work through beside the file."""
    found = _run_or_404(request, uid)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = "attachment; filename*=UTF-8''%E5%AF%BC%E5%85%A5%E9%97%AE%E9%A2%98.csv"
    rows = [[_("行"), _("列"), _("内容"), _("怎么办"), _("程度")]]
    for row in found.problems.all():
        level = _("错误") if row.is_error else _("提醒")
        rows.append([str(row.row), row.column, row.value, row.advice, level])
    write_csv(rows, response)
    return response
