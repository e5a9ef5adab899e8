"""The people whom the filters of Wagtail's page lists and reports name."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField
from django.db.models.functions import Cast
from django.http import HttpRequest
from wagtail.admin.views.pages.listing import GenericPageFilterSet, PageFilterSet
from wagtail.admin.views.reports.workflows import WorkflowReportFilterSet
from wagtail.models import PageLogEntry, WorkflowState

from portal.basepage.admin_routes import changeable


def scope_listing_filters() -> None:
    """Have the filters "owner", "edited by" and "requested by" name only people behind pages that the reader may change;
    Wagtail lists everybody who ever made, edited or submitted one."""
    for filterset in (PageFilterSet, GenericPageFilterSet):
        filterset.base_filters["owner"].queryset = _owners
        filterset.base_filters["edited_by"].queryset = _editors
    WorkflowReportFilterSet.base_filters["requested_by"].queryset = _submitters


def _owners(request: HttpRequest) -> Any:
    owners = changeable(request.user).order_by().values("owner_id").distinct()
    return get_user_model()._default_manager.filter(pk__in=owners)


def _editors(request: HttpRequest) -> Any:
    edits = PageLogEntry.objects.filter(action="wagtail.edit", page__in=changeable(request.user).order_by())
    return get_user_model()._default_manager.filter(pk__in=edits.order_by().values("user_id").distinct())


def _submitters(request: HttpRequest) -> Any:
    pages = changeable(request.user).order_by().annotate(key=Cast("pk", CharField())).values("key")
    submitted = WorkflowState.objects.filter(object_id__in=pages).values("requested_by_id")
    return get_user_model()._default_manager.filter(pk__in=submitted)
