"""The structure of a version in the administration: rows around a place, corrected by keyboard. Rules are in `domain.structuring`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal.ground.rights import needs
from portal.regulations.admin_reach import EDIT, may_publish, version_to_edit
from portal.regulations.domain.addresses import place_label
from portal.regulations.domain.parsing.balance import solid
from portal.regulations.domain.parsing.tree import HEADING_KINDS
from portal.regulations.domain.structuring.correcting import (
    Structure,
    StructureRefused,
    correct_structure,
    settle_doubt,
    structure_of,
)
from portal.regulations.domain.structuring.recutting import JOINED
from portal.regulations.domain.structuring.rows import DECIDED, KINDS, LINE, NUMBERED, Row
from portal.regulations.models import RegulationVersion

BEFORE, SHOWN, MOST_SENT = 8, 40, 400
_KIND_LABELS = {
    "article": gettext_lazy("条"),
    "line": gettext_lazy("款、项（按行首的记号）"),
    "paragraph": gettext_lazy("款"),
    "item": gettext_lazy("项"),
    "subitem": gettext_lazy("项下的目"),
    JOINED: gettext_lazy("接上一行（不另起段）"),
    "part": gettext_lazy("编"),
    "subpart": gettext_lazy("分编"),
    "chapter": gettext_lazy("章"),
    "section": gettext_lazy("节"),
    "subsection": gettext_lazy("节下的目"),
    "heading": gettext_lazy("没有序号的标题"),
    "enumeration": gettext_lazy("一、二、三（没有条的文本）"),
    "annex": gettext_lazy("附件"),
    "preamble": gettext_lazy("序言、引言"),
    "table": gettext_lazy("表格"),
    "note": gettext_lazy("注"),
    "signature": gettext_lazy("落款"),
    "front": gettext_lazy("重复的标题、文号"),
    "toc": gettext_lazy("目录"),
}
_NUMBER = re.compile(r"^(\d{1,5})(?:\s*[-之]\s*(\d{1,3}))?$")


@dataclasses.dataclass
class Line:
    """A row as the page shows it. `number` is as typed, `depth` a choice; `was` is the kind that is stored."""

    kind: str
    text: str
    number: str = ""
    depth: str = ""
    was: str = ""
    depth_was: str = ""
    error: str = ""
    doubts: Sequence[str] = ()
    place: str = ""

    @property
    def is_heading(self) -> bool:
        return self.was in HEADING_KINDS

    @property
    def height(self) -> int:
        return min(max(len(self.text) // 38 + 1, 1), 12)


def _line(row: Row, doubts: Sequence[str], place: str) -> Line:
    number = f"{row.number}" + (f"-{row.sub}" if row.sub else "") if row.number is not None else ""
    depth = "" if row.depth is None else str(row.depth + 1)
    return Line(row.kind, row.text, number, depth, row.kind, depth, doubts=doubts, place=place_label(place))


def _row(line: Line) -> Row:
    """Raises StructureRefused."""
    match = _NUMBER.match(line.number.strip())
    if line.number.strip() and not match:
        raise StructureRefused(_("序号请写成数字，如 53 或 53-1（五十三条之一）。"))
    number = int(match[1]) if match and line.kind in NUMBERED else None
    sub = int(match[2] or 0) if match and line.kind == "article" else 0
    by_kind = line.depth == "" or (line.kind != line.was and line.depth == line.depth_was)
    depth = int(line.depth) - 1 if not by_kind and line.depth.isdigit() and line.kind in HEADING_KINDS else None
    return Row(line.kind, line.text, number, sub, depth)


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def structure(request: HttpRequest, pk: int) -> HttpResponse:
    """Rows around a place (`at`), a doubt (`doubt`) or words (`find`); sent back corrected."""
    version = version_to_edit(request.user, pk, writing=request.method == "POST")
    now = structure_of(version)
    if request.method == "POST":
        return _save(request, version, now)
    start = _wanted_row(request, version, now)
    first = max(0, min(start - BEFORE, len(now.rows) - SHOWN))
    return _page(request, version, now, first, min(first + SHOWN, len(now.rows)), focus=start)


def _wanted_row(request: HttpRequest, version: RegulationVersion, now: Structure) -> int:
    doubt, at, words = (request.GET.get(name, "") for name in ("doubt", "at", "find"))
    if doubt.isdigit() and int(doubt) < len(version.doubts):
        return now.row_of(version.doubts[int(doubt)]) or 0
    if words.strip():
        wanted = solid(words)
        found = next((i for i, row in enumerate(now.rows) if solid(row.text).startswith(wanted)), None)
        if found is None:
            found = next((i for i, row in enumerate(now.rows) if wanted in solid(row.text)), None)
        if found is None:
            messages.warning(request, _("没有找到“%(words)s”。") % {"words": words[:40]})
        return found or 0
    return min(int(at), max(len(now.rows) - 1, 0)) if at.isdigit() else 0


def _save(request: HttpRequest, version: RegulationVersion, now: Structure) -> HttpResponse:
    sent = request.POST
    first, last = (int(sent.get(name, "")) if sent.get(name, "").isdigit() else 0 for name in ("first", "last"))
    names = [name[5:] for name in sent if name.startswith("kind-")][:MOST_SENT]
    lines = [
        Line(
            *(sent.get(f"{field}-{name}", "") for field in ("kind", "text", "number", "depth", "was", "depthwas")),
        )
        for name in names
    ]
    rows: list[Row] = []
    problem = ""
    for line in lines:
        try:
            rows.append(_row(line))
        except StructureRefused as refusal:
            line.error = problem = str(refusal)
    if not problem:
        try:
            correct_structure(version, first, last, rows, digest=sent.get("digest", ""), actor=request.user)
        except StructureRefused as refusal:
            problem = str(refusal)
            if refusal.row is not None and refusal.row < len(lines):
                lines[refusal.row].error = problem
        else:
            messages.success(request, _("结构已保存。引用、沿革和搜索稍后自动更新。"))
            return redirect(f"{reverse('regulation:structure', args=[version.pk])}?at={first + BEFORE}")
    messages.error(request, problem)
    return _page(request, version, now, first, last, lines=lines, status=422)


def _page(
    request: HttpRequest,
    version: RegulationVersion,
    now: Structure,
    first: int,
    last: int,
    *,
    focus: int | None = None,
    lines: list[Line] | None = None,
    status: int = 200,
) -> HttpResponse:
    open_doubts = [
        (index, doubt, now.row_of(doubt)) for index, doubt in enumerate(version.doubts) if not doubt.get("settled")
    ]
    by_row: dict[int, list[str]] = {}
    for _index, doubt, row in open_doubts:
        if row is not None:
            by_row.setdefault(row, []).append(doubt["message"])
    places = now.places()
    shown = lines or [_line(now.rows[at], by_row.get(at, ()), places[at]) for at in range(first, last)]
    context: dict[str, Any] = {
        "version": version,
        "regulation": version.regulation,
        "page_title": _("核对结构"),
        "lines": shown,
        "first": first,
        "last": last,
        "focus": None if focus is None else focus - first,
        "digest": now.digest if lines is None else request.POST.get("digest", ""),
        "fresh_digest": now.digest,
        "total": len(now.rows),
        "before": max(0, first - SHOWN + BEFORE) if first else None,
        "after": last + BEFORE if last < len(now.rows) else None,
        "kinds": [
            (kind, _KIND_LABELS[kind]) for kind in ("article", *DECIDED, LINE, JOINED, *KINDS[2 + len(DECIDED) :])
        ],
        "depths": ["1", "2", "3", "4", "5", "6"],
        "doubts": open_doubts,
        "settled": sum(bool(doubt.get("settled")) for doubt in version.doubts),
        "may_publish": may_publish(request.user, version.regulation),
    }
    return render(request, "regulations/admin/structure.html", context, status=status)


@needs(EDIT)
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A doubt that is none."""
    version = version_to_edit(request.user, pk, writing=True)
    index = request.POST.get("doubt", "")
    try:
        settle_doubt(version, int(index) if index.isdigit() else -1, actor=request.user)
    except StructureRefused as refusal:
        messages.error(request, str(refusal))
    at = request.POST.get("at", "")
    return redirect(f"{reverse('regulation:structure', args=[version.pk])}?at={at if at.isdigit() else 0}")
