"""Pages that put two texts side by side, and the table (对照表) to take away."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.ground.clock import today
from portal.ground.rights import open_to_all
from portal.ground.suppliers import viewer_of
from portal.regulations.domain.comparing import Comparison, cache_key, compare
from portal.regulations.domain.exporting.tables import comparison_table
from portal.regulations.domain.queries import published_versions, visible_regulations
from portal.regulations.domain.status import version_to_show
from portal.regulations.models import Regulation, RegulationVersion

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KINDS = ("amended", "new", "removed", "moved", "same")
_KEPT_SECONDS = 24 * 3600


@dataclasses.dataclass(frozen=True)
class Asked:
    """The two texts of a comparison; `other` is the work of the right side, most often the same."""

    work: Regulation
    other: Regulation
    old: RegulationVersion
    new: RegulationVersion
    versions: list[RegulationVersion]
    other_versions: list[RegulationVersion]


def _asked(request: HttpRequest, code: str) -> Asked:
    """Raises Http404 for a work that is absent or not for this reader, or has nothing to compare."""
    visible = visible_regulations(viewer_of(request.user))
    work = visible.filter(code=code).first()
    if work is None:
        raise Http404
    with_code = request.GET.get("with", "")[:20]
    other = visible.filter(code=with_code).first() if with_code and with_code != code else work
    if other is None:
        raise Http404
    versions = published_versions(work)
    others = versions if other.pk == work.pk else published_versions(other)
    new = _chosen(others, request.GET.get("to", "")) or version_to_show(others, today())
    old = _chosen(versions, request.GET.get("from", ""))
    if old is None and new is not None:
        if other.pk == work.pk:
            place = next((i for i, one in enumerate(versions) if one.pk == new.pk), 0)
            old = versions[max(place - 1, 0)]
        else:
            old = version_to_show(versions, today())
    if old is None or new is None:
        raise Http404
    return Asked(work, other, old, new, versions, others)


def _chosen(versions: list[RegulationVersion], key: str) -> RegulationVersion | None:
    return next((one for one in versions if one.key == key), None)


@require_safe
@open_to_all
def comparison(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions of a work (`from`, `to`), or this work beside another one (`with`), narrowed down by `only`."""
    asked = _asked(request, code)
    only = request.GET.get("only", "") if request.GET.get("only") in (*_KINDS, "changed") else ""
    key = f"{cache_key(asked.old, asked.new)}:page:{only}:{get_language()}"
    kept: tuple[dict[str, int], str] | None = cache.get(key)
    if kept is None:
        found = compare(asked.old, asked.new)
        kept = (found.counts, _rows(found, only))
        cache.set(key, kept, _KEPT_SECONDS)
    counts, rows = kept
    labels = {
        "": _("全部"), "changed": _("有变化的"), "amended": _("修改"), "new": _("新增"), "removed": _("删去"), "moved": _("仅条号变动"),
        "same": _("未变"),
    }  # fmt: skip
    total = sum(counts.values())
    shown = {"": total, "changed": total - counts["same"], **counts}
    filters = [
        {"label": label, "count": shown[name], "url": _query(request, only=name), "selected": name == only}
        for name, label in labels.items()
        if shown[name] or name in ("", only)
    ]
    context: dict[str, Any] = {
        "asked": asked,
        "rows": mark_safe(rows),  # noqa: S308 - rendered by a template that escapes
        "filters": filters,
        "same_work": asked.work.pk == asked.other.pk,
        "is_one_text": asked.old.pk == asked.new.pk,
        "word_url": reverse("regulations:compare_word", args=[code]) + _query(request, only=only),
        "crumbs": [
            {"label": _("法规制度"), "url": reverse("regulations:list")},
            {"label": asked.work.short_title, "url": reverse("regulations:work", args=[asked.work.code])},
            {"label": _("对照"), "url": ""},
        ],
    }
    return render(request, "regulations/compare.html", context)


def _rows(found: Comparison, only: str) -> str:
    rows = [row for row in found.rows if not only or row.kind == only or (only == "changed" and row.kind != "same")]
    return render_to_string("regulations/_compare_rows.html", {"rows": rows})


def _query(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return "?" + query.urlencode()


@require_safe
@open_to_all
def comparison_as_word(request: HttpRequest, code: str) -> HttpResponse:
    """The comparison as a table in a DOCX file."""
    asked = _asked(request, code)
    only = request.GET.get("only", "")
    document = comparison_table(compare(asked.old, asked.new), asked.old, asked.new, asked.work, asked.other, only)
    answer = HttpResponse(document, content_type=_WORD)
    answer.headers["Content-Disposition"] = f'attachment; filename="{code}-{asked.old.key}-{asked.new.key}.docx"'
    return answer
