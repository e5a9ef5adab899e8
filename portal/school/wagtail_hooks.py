"""The school in the administration: courses with learners are unpublished, not deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from wagtail import hooks

from portal.school.domain.upkeep import learners_below


@hooks.register("before_delete_page")
def keep_courses_with_learners(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Refuse to delete a course (or a section with one) that somebody takes, and say what to do."""
    return _refusal(request, page) if request.method == "POST" else None


@hooks.register("before_bulk_action")
def keep_courses_with_learners_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    """The same for many pages at once."""
    if action_type != "delete":
        return None
    return next((refusal for page in objects if (refusal := _refusal(request, page)) is not None), None)


def _refusal(request: HttpRequest, page: Any) -> HttpResponse | None:
    count = learners_below(page) if hasattr(page, "path") else 0
    if not count:
        return None
    message = ngettext(
        "《%(title)s》已有 %(count)d 条报名和学习记录，不能删除。可以取消发布：党员不再看到，记录保留。",
        "《%(title)s》已有 %(count)d 条报名和学习记录，不能删除。可以取消发布：党员不再看到，记录保留。",
        count,
    )
    messages.error(request, message % {"title": page.title, "count": count})
    return redirect("wagtailadmin_pages:edit", page.pk)
