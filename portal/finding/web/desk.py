"""For those who look after search: what was not found, why results stand in their order, settings."""

from __future__ import annotations

import dataclasses
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.finding.domain.policy import (
    LEAST_DAYS,
    LEAST_MINIMUM,
    MOST_DAYS,
    MOST_MINIMUM,
    Settings,
    change_policy,
    current_policy,
)
from portal.finding.domain.using import listed_queries
from portal.finding.models import Policy
from portal.finding.rights import CURATE, EDIT
from portal.ground.rights import may, needs
from portal.organisations.domain.rights import may_site_wide
from search.contracts import SearchUnavailable
from search.explain import explain
from search.query.planner import MAX_QUERY
from search.query.syntax import day_of
from search.web.asking import who_asks

PER_PAGE = 50


class PolicyForm(forms.ModelForm):
    """How search behaves."""

    minimum = forms.IntegerField(
        label=Policy._meta.get_field("minimum").verbose_name,
        help_text=Policy._meta.get_field("minimum").help_text,
        min_value=LEAST_MINIMUM,
        max_value=MOST_MINIMUM,
    )
    keep_days = forms.IntegerField(label=gettext_lazy("保留天数"), min_value=LEAST_DAYS, max_value=MOST_DAYS)

    class Meta:
        model = Policy
        fields = ["learns", "lists_queries", "minimum", "keep_days", "where_to_ask"]


def _only_site_wide(request: HttpRequest) -> None:
    if not may_site_wide(request.user, CURATE.code):
        raise PermissionDenied


@require_safe
@needs(EDIT.code)
@never_cache
def missing(request: HttpRequest) -> HttpResponse:
    """Queries that found nothing and questions without an answer, often enough to say nothing of one person."""
    policy = current_policy()
    page = Paginator(listed_queries(policy), PER_PAGE).get_page(request.GET.get("page", "1")[:6])
    context = {
        "page_title": _("没有找到的词"),
        "page": page,
        "policy": policy,
        "may_curate": may_site_wide(request.user, CURATE.code),
    }
    return render(request, "finding/admin/missing.html", context)


@require_safe
@needs(CURATE.code)
@never_cache
def explained(request: HttpRequest) -> HttpResponse:
    """Why results stand in their order, as this person sees them."""
    _only_site_wide(request)
    query = request.GET.get("q", "")[:MAX_QUERY].replace("\0", " ").strip()
    raw_day = request.GET.get("on", "")
    context: dict[str, Any] = {
        "page_title": _("排序说明"),
        "query": query,
        "on": raw_day[:10],
        "learns": current_policy().learns,
    }
    context["may_answer"] = may(request.user, EDIT.code)
    if query:
        viewer, inactive = who_asks(request)
        try:
            context["found"] = explain(query, viewer, as_of=day_of(raw_day), hits=20, inactive=inactive)
        except SearchUnavailable:
            context["unavailable"] = True
    return render(request, "finding/admin/explain.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CURATE.code)
@never_cache
def policy(request: HttpRequest) -> HttpResponse:
    """Settings of search."""
    _only_site_wide(request)
    row = current_policy()
    form = PolicyForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        wanted = {field.name: form.cleaned_data[field.name] for field in dataclasses.fields(Settings)}
        change_policy(Settings(**wanted), actor=request.user)
        messages.success(request, _("已保存，下一次搜索就按新的设置。"))
        return redirect("finding_policy")
    return render(request, "finding/admin/policy.html", {"page_title": _("检索设置"), "form": form})
