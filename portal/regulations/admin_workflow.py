"""What can be done with a version or a relation in the administration. Rules are in `domain`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal.ground.rights import needs
from portal.regulations.admin_reach import (
    EDIT,
    PUBLISH,
    may_publish,
    version_to_edit,
    version_to_publish,
    works_to_edit,
)
from portal.regulations.domain.publishing import NotPossible, withdraw
from portal.regulations.domain.relating import add_relation, decide_relation
from portal.regulations.domain.standing import DATES, Dates, set_dates
from portal.regulations.domain.workflow import review_done, send_back, submit, verify_and_publish
from portal.regulations.models import Relation


def _tried(request: HttpRequest, work: int, deed: Callable[[], Any], done: str) -> HttpResponse:
    """Do it, tell how it went, and go back to the work. Nothing typed is lost on the way that could not be typed in a line."""
    try:
        deed()
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("regulation:edit", work)


@needs(EDIT)
@require_POST
def submit_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a draft in for review."""
    version = version_to_edit(request.user, pk)
    done = _("已提交审核，审核人员会收到待办。")
    return _tried(request, version.regulation_id, lambda: submit(version, actor=request.user), done)


@needs(PUBLISH)
@require_POST
def return_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a version in review back."""
    version = version_to_publish(request.user, pk)
    reason = request.POST.get("reason", "")
    done = _("已退回。")
    return _tried(request, version.regulation_id, lambda: send_back(version, reason=reason, actor=request.user), done)


@needs(PUBLISH)
@require_POST
def publish_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Verify a version against a named source and publish it, or a withdrawn one again."""
    version = version_to_publish(request.user, pk)
    source = request.POST.get("source", "")
    done = _("已发布 %(key)s 版。") % {"key": version.key}
    deed = lambda: verify_and_publish(version, source=source, actor=request.user)  # noqa: E731 - one line, used once
    return _tried(request, version.regulation_id, deed, done)


@needs(PUBLISH)
@require_POST
def withdraw_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a version published by mistake."""
    version = version_to_publish(request.user, pk)
    reason = request.POST.get("reason", "")
    done = _("已撤回 %(key)s 版，读者和搜索都不再看到它。") % {"key": version.key}
    return _tried(request, version.regulation_id, lambda: withdraw(version, reason=reason, actor=request.user), done)


@needs(PUBLISH)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or reject a relation."""
    relation = get_object_or_404(
        Relation.objects.select_related("source__owner_organisation"), pk=pk, source__in=works_to_edit(request.user)
    )
    if not may_publish(request.user, relation.source):
        raise PermissionDenied
    confirm = "confirm" in request.POST
    done = _("已确认。") if confirm else _("已否决。")
    deed = lambda: decide_relation(relation, confirm=confirm, actor=request.user)  # noqa: E731 - one line, used once
    return _tried(request, relation.source_id, deed, done)


@needs(PUBLISH)
@require_POST
def relate(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a relation by hand."""
    work = get_object_or_404(works_to_edit(request.user).select_related("owner_organisation"), pk=pk)
    if not may_publish(request.user, work):
        raise PermissionDenied
    sent = request.POST

    def deed() -> None:
        day = _day(sent.get("on", ""))
        add_relation(
            work, sent.get("kind", ""), sent.get("title", ""), on=day, note=sent.get("note", ""), actor=request.user
        )

    return _tried(request, work.pk, deed, _("已添加关系。"))


@needs(EDIT)
@require_POST
def reviewed(request: HttpRequest, pk: int) -> HttpResponse:
    """A work was looked at again; when next."""
    work = get_object_or_404(works_to_edit(request.user), pk=pk)

    def deed() -> None:
        review_done(work, next_on=_day(request.POST.get("next_on", "")), actor=request.user)

    return _tried(request, work.pk, deed, _("已记录复核。"))


def _day(text: str) -> Any:
    """Raises NotPossible."""
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None:
        raise NotPossible(_("日期请写成 2024-01-31 的样子。"))
    return day


# --- dates ----------------------------------------------------------------------------------------------------------------
def _date(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


class DatesForm(forms.Form):
    """The dates of one version, each on its own, and why they are changed."""

    adopted = _date(gettext_lazy("通过日期"))
    promulgated = _date(gettext_lazy("公布日期"))
    revised = _date(gettext_lazy("修订日期"))
    effective = _date(gettext_lazy("施行日期"))
    expires = _date(
        gettext_lazy("失效日期"), help_text=gettext_lazy("文中规定的期限届满后的第一天；没有规定期限的留空。")
    )
    note = forms.CharField(
        label=gettext_lazy("依据或原因"),
        max_length=300,
        help_text=gettext_lazy("会封存，之后不能改。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def dates(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the dates of a version; each shows where it comes from."""
    version = version_to_edit(request.user, pk, writing=request.method == "POST")
    initial = {name: getattr(version, f"{name}_on") for name in DATES}
    form = DatesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        note = data.pop("note")
        try:
            set_dates(version, Dates(**data), note=note, actor=request.user)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("日期已保存。"))
            return redirect("regulation:edit", version.regulation_id)
    rows = [
        (form[name], getattr(version, f"get_{name}_origin_display")() if getattr(version, f"{name}_on") else "")
        for name in DATES
    ]
    context = {
        "version": version,
        "regulation": version.regulation,
        "form": form,
        "rows": rows,
        "page_title": _("日期"),
    }
    return render(request, "regulations/admin/dates.html", context, status=422 if form.errors else 200)
