"""The register as a table in the administration: upload, what it would do, the deed; export."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from portal.ground.audit import audit
from portal.ground.clock import today
from portal.ground.models import Job
from portal.ground.rights import needs
from portal.organisations.admin_forms import MANAGE, ChangeForm
from portal.organisations.admin_pages import page
from portal.organisations.domain.history import Change
from portal.organisations.domain.register.exporting import empty_register, export_register
from portal.organisations.domain.register.importing import Outcome
from portal.organisations.domain.register.reading import ImportRefused
from portal.organisations.domain.register.runs import JOB, WrongState, confirm, outcome_of, upload
from portal.organisations.domain.rights import paths_where
from portal.organisations.models import RegisterImport

_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
_EARLIER = 10
_SECONDS = 2
_SHOWN = 200


class ImportForm(ChangeForm):
    """A table of organisations."""

    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        help_text=gettext_lazy(
            ".xlsx 或 .csv，最大 20 MB。成立日期早的组织，从表中的日期起算；更名、移动、任免按下面的日期登记，换届按表中的本届起始登记。"
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "empty": gettext_lazy("文件是空的，没有可导入的内容。"),
            "required": gettext_lazy("请选择文件。"),
        },
    )


@needs(MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_table(request: HttpRequest) -> HttpResponse:
    """Choose a file; earlier ones stand below."""
    form = ImportForm(request.POST or None, request.FILES or None, organisation=None, user=request.user, initial={})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = upload(request.user, file.name, file.read(), Change(**form.change))
        except ImportRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("organisations:import_run", made.uid)
    earlier = RegisterImport.objects.filter(user=request.user).order_by("-pk")[:_EARLIER]
    return page(request, "import.html", _("导入组织"), organisation=None, form=form, earlier=earlier)


@needs(MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_run(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What a table would do, and the question; the same page tells how far the worker is, and what was done. Nobody but who
    sent the file sees it."""
    run = get_object_or_404(RegisterImport, uid=uid, user=request.user)
    if request.method == "POST":
        try:
            confirm(run)
        except WrongState:
            messages.info(request, _("这次导入已经在下一步了，或者没有可以写入的内容。"))
        return redirect("organisations:import_run", uid)
    outcome = outcome_of(run)
    job = Job.objects.filter(kind=JOB, key=str(run.uid)).order_by("-pk").first() if run.is_working else None
    has_failed = job is not None and job.state == Job.State.FAILED
    answer = page(
        request,
        "import_run.html",
        run.file_name,
        organisation=None,
        trail=[{"url": reverse("organisations:import"), "label": _("导入组织")}],
        run=run,
        outcome=outcome,
        done=_in_words(outcome),
        tables=[
            (_("要改的地方"), outcome.problems[:_SHOWN]),
            (_("先没有登记的"), outcome.notes[:_SHOWN]),
        ],
        job=job,
        has_failed=has_failed,
        may_confirm=run.state == RegisterImport.State.CHECKED and not outcome.problems and outcome.changed > 0,
    )
    if run.is_working and not has_failed:
        answer["Refresh"] = str(_SECONDS)
    return answer


def _in_words(outcome: Outcome) -> list[str]:
    """What an import does or would do, without what it does not."""
    counted = [
        (outcome.founded, _("成立 %(n)d 个")),
        (outcome.renamed, _("更名 %(n)d 个")),
        (outcome.reclassified, _("调整类别 %(n)d 个")),
        (outcome.moved, _("移动 %(n)d 个")),
        (outcome.described, _("修改资料 %(n)d 个")),
        (outcome.elected, _("换届 %(n)d 个")),
        (outcome.appointed, _("任职 %(n)d 项")),
        (outcome.relieved, _("离任 %(n)d 项")),
        (outcome.same, _("没有变化 %(n)d 个")),
    ]
    return [text % {"n": number} for number, text in counted if number]


@needs(MANAGE)
@require_GET
def export_table(request: HttpRequest) -> HttpResponse:
    """The own subtrees as a table."""
    file_format = "csv" if request.GET.get("format") == "csv" else "xlsx"
    content = export_register(paths_where(request.user, MANAGE), file_format=file_format)
    audit(request.user, "organisations.exported")
    return _file(content, f"organisations-{today().isoformat()}.{file_format}", file_format)


@needs(MANAGE)
@require_GET
def import_template(request: HttpRequest) -> HttpResponse:
    """The headings of the table, with one example."""
    return _file(empty_register(), "organisations-template.xlsx", "xlsx")


def _file(content: bytes, name: str, file_format: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=_TYPES[file_format])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
