"""The auditor's pages, and the superior's view of how timely records are entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from portal.ground.audit import audit
from portal.ground.clock import today
from portal.ground.rights import confirmed_to_act, needs
from portal.records.domain import auditing
from portal.records.domain import heads as day_heads
from portal.records.domain.guides import chains_overseen_by
from portal.records.domain.objects import kind_label, names_of_objects
from portal.records.domain.timeliness import timeliness_of
from portal.records.models import DayHead

PER_PAGE = 50
LONGEST_PERIOD = dt.timedelta(days=400)
_DAY = {"type": "date"}


class SearchForm(forms.Form):
    """Who, what, on what, when."""

    who = forms.CharField(label=gettext_lazy("操作人"), max_length=80, required=False)
    action = forms.CharField(
        label=gettext_lazy("操作"), max_length=100, required=False, widget=forms.TextInput(attrs={"list": "actions"})
    )
    target = forms.CharField(
        label=gettext_lazy("对象"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("姓名、组织、类别或编号")}),
    )
    since = forms.DateField(label=gettext_lazy("自"), required=False, widget=forms.DateInput(attrs=_DAY))
    until = forms.DateField(label=gettext_lazy("至"), required=False, widget=forms.DateInput(attrs=_DAY))

    def clean_who(self) -> str:
        return _plain(self.cleaned_data["who"])

    def clean_target(self) -> str:
        return _plain(self.cleaned_data["target"])

    def search(self) -> auditing.Search:
        """What was asked for; what is not valid is left out, and its field says so."""
        return auditing.Search(**{name: value for name, value in self.cleaned_data.items() if value})


class PeriodForm(forms.Form):
    """From one day to another."""

    since = forms.DateField(label=gettext_lazy("自"), widget=forms.DateInput(attrs=_DAY))
    until = forms.DateField(label=gettext_lazy("至"), widget=forms.DateInput(attrs=_DAY))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期不能早于开始日期。"))
        elif since and until and until - since > LONGEST_PERIOD:
            self.add_error("until", _("一次最多查看 400 天。"))
        return data


def _plain(text: str) -> str:
    return text.replace("\0", "").strip()


def _told(detail: dict[str, Any]) -> list[tuple[str, Any]]:
    """What a line tells beyond its action: nothing that is empty, and lists as people write them."""
    pairs = ((name, "、".join(map(str, value)) if isinstance(value, list) else value) for name, value in detail.items())
    return [(name, value) for name, value in pairs if value not in ("", None, {})]


@needs(auditing.READ_TRAIL)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, page by page."""
    form = SearchForm(request.GET)
    form.is_valid()
    page = Paginator(auditing.search_trail(form.search()), PER_PAGE).get_page(request.GET.get("page"))
    lines = list(page.object_list)
    names = auditing.names_of([line.actor for line in lines])
    actions = auditing.known_actions()
    labels = auditing.labels_of([*actions, *(line.action for line in lines)])
    objects = names_of_objects([(line.target_kind, line.target_uid) for line in lines])
    context = {
        "form": form,
        "page_obj": page,
        "lines": [
            {
                "line": line,
                "who": names.get(line.actor, line.actor),
                "label": labels.get(line.action, ""),
                "kind": kind_label(line.target_kind),
                "name": objects.get((line.target_kind, line.target_uid), ""),
                "told": _told(line.detail),
            }
            for line in lines
        ],
        "actions": [(action, labels.get(action, "")) for action in actions],
        "tabs": _tabs("trail"),
    }
    return render(request, "records/trail.html", context)


@needs(auditing.READ_TRAIL)
@require_POST
@confirmed_to_act
def trail_export(request: HttpRequest) -> HttpResponse:
    """What the search finds, as CSV. Itself a line of the trail."""
    form = SearchForm(request.POST)
    if not form.is_valid():
        return render(request, "records/trail.html", {"form": form, "lines": [], "tabs": _tabs("trail")}, status=400)
    rows = auditing.export_trail(form.search(), by=request.user)
    return _download(rows, f"audit-{today().isoformat()}.csv", "text/csv; charset=utf-8")


@needs(auditing.READ_TRAIL)
@require_GET
def heads(request: HttpRequest) -> HttpResponse:
    """The heads of days, newest first."""
    page = Paginator(DayHead.objects.order_by("-day"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/heads.html", {"page_obj": page, "heads": page.object_list, "tabs": _tabs("heads")})


@needs(auditing.READ_TRAIL)
@require_GET
def head(request: HttpRequest, day: dt.date) -> HttpResponse:
    """One head, to be printed, signed and put away."""
    found = get_object_or_404(DayHead, day=day)
    groups = [found.root[place : place + 8] for place in range(0, len(found.root), 8)]
    ends = Paginator(found.lines.order_by("chain"), 200).get_page(request.GET.get("page"))
    return render(request, "records/head.html", {"head": found, "groups": groups, "page_obj": ends})


@needs(auditing.READ_TRAIL)
@require_POST
@confirmed_to_act
def chain_export(request: HttpRequest) -> HttpResponse:
    """All chains and the trail, for `tools/verify_chain.py`. Holds hashes and no value of any record."""
    audit(request.user, "records.exported", target_kind="records")
    lines = (f"{line}\n" for line in day_heads.export_lines())
    return _download(lines, f"records-{today().isoformat()}.jsonl", "application/jsonl; charset=utf-8")


@needs(auditing.SEE_TIMELINESS)
@require_GET
def timeliness(request: HttpRequest) -> HttpResponse:
    """Late and bulk entry of the organisations that one oversees, worst first."""
    day = today()
    given = request.GET if "since" in request.GET else {"since": day.replace(day=1), "until": day}
    form = PeriodForm(given)
    rows: list[Any] = []
    if form.is_valid():
        names = chains_overseen_by(request.user, auditing.SEE_TIMELINESS)
        found = timeliness_of(names, since=form.cleaned_data["since"], until=form.cleaned_data["until"])
        rows = [(row, names[row.chain]) for row in found]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/timeliness.html", {"form": form, "page_obj": page, "rows": page.object_list})


def _tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": _("操作记录"), "url": reverse("records:trail"), "current": current == "trail"},
        {"label": _("日结"), "url": reverse("records:heads"), "current": current == "heads"},
    ]


def _download(rows: Iterator[str], name: str, content_type: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(rows, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
