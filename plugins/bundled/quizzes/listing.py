"""What the list of pages tells of quizzes."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.bundled.quizzes.models import Question
from plugins.sdk import ActionContext, ListContext
from portal.public.pages import BasePage


def questions_of_courses(context: ListContext) -> dict[int, str]:
    """How many questions the papers of each course have: two queries for a list."""
    uids = dict(BasePage.objects.filter(pk__in=context.page_ids).order_by().values_list("uid", "pk"))
    counted = (
        Question.objects.filter(paper__course_uid__in=list(uids))
        .order_by()
        .values_list("paper__course_uid")
        .annotate(papers=Count("paper", distinct=True), questions=Count("pk"))
    )
    return {
        uids[uid]: _("%(papers)s 卷 %(questions)s 题") % {"papers": papers, "questions": questions}
        for uid, papers, questions in counted
    }


def papers_of_course(context: ActionContext) -> str | None:
    """The papers of a course in the administration, offered on courses to those who manage papers."""
    page: Any = context.page
    if getattr(page, "search_type", "") != "course":
        return None
    return f"{reverse('quizzes_papers:index')}?course_uid={page.uid}"
