"""Search has its place in the administration."""

from __future__ import annotations

from django.urls import URLPattern, path
from wagtail import hooks

from portal.finding.admin import SearchGroup
from portal.finding.web import desk


@hooks.register("register_admin_viewset")
def search_viewsets() -> SearchGroup:
    """Answers, other words, pins."""
    return SearchGroup()


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Pages beside the lists."""
    return [
        path("search-missing/", desk.missing, name="finding_missing"),
        path("search-explain/", desk.explained, name="finding_explain"),
        path("search-settings/", desk.policy, name="finding_policy"),
    ]
