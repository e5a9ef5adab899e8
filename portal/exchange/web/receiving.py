"""Taking packages in: upload, dry run, decisions."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.exchange.domain import receiving as domain
from portal.exchange.domain.package.format import MAX_FILE_BYTES, RefusedPackage
from portal.exchange.models import ReceivedPackage, StagedLine
from portal.exchange.rights import RECEIVE
from portal.exchange.web.forms import UploadForm
from portal.exchange.web.pages import crumbs
from portal.ground.exchange import ExchangeKind, Row, kinds
from portal.ground.rights import needs
from portal.organisations.domain.rights import paths_where, within_paths

PER_PAGE = 10
Act = StagedLine.Act
SHOWN = (Act.CONFLICT, Act.KEPT_OUT, Act.CHANGED, Act.NEW, Act.KEPT, Act.MISSING)


def _mine(request: HttpRequest) -> QuerySet[ReceivedPackage]:
    """Packages of subtrees in which this person may take in; of a tree that is not here yet, the own uploads."""
    within = within_paths(paths_where(request.user, RECEIVE), "organisation__path")
    new_tree = Q(organisation__isnull=True, user_id=request.user.pk)
    found = ReceivedPackage.objects.filter((within & Q(organisation__isnull=False)) | new_tree)
    return found.select_related("partner", "organisation", "user")


def _package_or_404(request: HttpRequest, uid: uuid.UUID) -> ReceivedPackage:
    found = _mine(request).filter(uid=uid).first()
    if found is None:
        raise Http404
    return found


@needs(RECEIVE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Upload a package; earlier ones stand below."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 1024 // 1024
            form.add_error("file", _("文件超过 %(n)s MB；请对方缩小范围，分几次导出。") % {"n": limit})
        else:
            try:
                row = domain.receive(request.user, file.name, file.read())
            except RefusedPackage as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("exchange:received", row.uid)
    page = Paginator(_mine(request).order_by("-pk"), 20).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "packages": page.object_list}
    return render(request, "exchange/receive.html", context, status=422 if form.errors else 200)


@needs(RECEIVE)
@never_cache
@require_safe
def received(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Where a package stands, what it would do, and the conflicts side by side."""
    row = _package_or_404(request, uid)
    is_working = row.state in (domain.State.CHECKING, domain.State.APPLYING)
    part = request.headers.get("HX-Request") == "true"
    context: dict[str, Any] = {"row": row, "is_working": is_working}
    if part and is_working:
        return render(request, "exchange/parts/working.html", context)
    by_name = {kind.name: kind for kind in kinds()}
    totals = {act: sum(found.get(act, 0) for found in row.counts.values()) for act in Act.values}
    seen = [act for act in Act.values if totals[act]]
    chosen = request.GET.get("show", "")
    if chosen not in SHOWN:
        chosen = next((act for act in SHOWN if totals[act]), Act.CONFLICT)
    lines = row.lines.filter(act=chosen).order_by("place")
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "kinds": [_counted(kind, row.counts[kind.name], seen) for kind in kinds() if kind.name in row.counts],
        "acts": [Act(act).label for act in seen],
        "tabs": [(act.value, act.label, totals[act]) for act in SHOWN if totals[act]],
        "chosen": chosen,
        "chosen_label": Act(chosen).label,
        "page_obj": page,
        "lines": [_Beside(line, by_name.get(line.kind)) for line in page.object_list],
        "undecided": domain.open_conflicts(row).count() if row.state == domain.State.CHECKED else 0,
        "writes": row.lines.filter(domain.to_be_written()).count() if row.state == domain.State.CHECKED else 0,
        "decisions": StagedLine.Decision.choices,
        "crumbs": crumbs((_("导入数据包"), "exchange:receive"), (str(row), "")),
    }
    response = render(request, "exchange/received.html", context)
    if part:
        response["HX-Refresh"] = "true"  # the work is over: the whole page has something new to say
    return response


def _counted(kind: ExchangeKind, found: dict[str, int], acts: list[str]) -> tuple[Any, list[tuple[str, int]]]:
    return kind.label, [(str(Act(act).label), found.get(act, 0)) for act in acts]


class _Beside:
    """A line for people: each field that differs, theirs beside ours."""

    def __init__(self, line: StagedLine, kind: ExchangeKind | None) -> None:
        self.line = line
        self.label = kind.label if kind is not None else line.kind
        self.fields: list[dict[str, str]] = []
        self.changes: list[Any] = []
        if kind is None or not line.theirs or not line.ours:
            return
        theirs, ours = json.loads(line.theirs), json.loads(line.ours)
        self.fields = [_field(kind, name, theirs, ours) for name in line.changed if name in kind.fields]
        if line.act == Act.CONFLICT:
            self.changes = kind.changes_here(line.here_uid, line.since)


def _field(kind: ExchangeKind, name: str, theirs: Row, ours: Row) -> dict[str, str]:
    texts = {
        "label": str(kind.fields[name]),
        "theirs": kind.shown(name, theirs.get(name)),
        "ours": kind.shown(name, ours.get(name)),
    }
    if texts["theirs"] == texts["ours"]:
        texts["theirs"] += _("（遮盖或未列出的部分不同）")
    return texts


def _back_to(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    page = request.POST.get("page", "")
    query = f"?show=conflict&page={page}" if page.isdigit() else ""
    return redirect(reverse("exchange:received", args=[uid]) + query)


@needs(RECEIVE)
@require_POST
def decide(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Keep the decisions of one page of conflicts, or decide all that are open alike."""
    row = _package_or_404(request, uid)
    prefix = "line_"
    choices = {
        int(key.removeprefix(prefix)): value
        for key, value in request.POST.items()
        if key.startswith(prefix) and key.removeprefix(prefix).isascii() and key.removeprefix(prefix).isdigit()
    }
    try:
        left = domain.decide(row, choices, rest=request.POST.get("rest", ""))
    except domain.WrongState:
        messages.info(request, _("这个数据包已经在下一步了。"))
    else:
        if left:
            messages.info(request, _("已保存；还有 %(n)s 处冲突要选择。") % {"n": left})
        else:
            messages.success(request, _("所有冲突都已选择，可以写入了。"))
    return _back_to(request, uid)


@needs(RECEIVE)
@require_POST
def check(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Compare again."""
    try:
        domain.start_check(_package_or_404(request, uid))
    except domain.WrongState:
        messages.info(request, _("这个数据包已经在下一步了。"))
    return redirect("exchange:received", uid)


@needs(RECEIVE)
@require_POST
def apply(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Bring it in."""
    try:
        domain.start_apply(_package_or_404(request, uid))
    except domain.Undecided:
        messages.error(request, _("还有冲突没有选择；什么也没有写入。"))
    except domain.WrongState:
        messages.info(request, _("这个数据包已经在下一步了。"))
    return redirect("exchange:received", uid)


@needs(RECEIVE)
@require_POST
def drop(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Give it up."""
    try:
        domain.drop(_package_or_404(request, uid))
    except domain.WrongState:
        messages.info(request, _("这个数据包已经在下一步了。"))
        return redirect("exchange:received", uid)
    messages.success(request, _("已放弃，上传的文件已删除，本站没有任何改动。"))
    return redirect("exchange:receive")
