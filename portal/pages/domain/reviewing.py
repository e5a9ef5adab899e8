"""Who is asked and told in a review: the reviewers of the page's organisation, and whoever handed it in.

Everything is written in the transaction of the decision itself: Wagtail sends these signals inside it.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.basepage.rights import REVIEW
from portal.notices.domain import Holders, close_task, declare_kind, notify, open_task

TO_REVIEW = declare_kind(
    "pages.review",
    "等我审核的稿件",
    "Pages that I am to review",
    outside="有一篇稿件等您审核，请登录门户办理。",
    outside_en="A page is waiting for your review. Please sign in to the portal.",
)
RETURNED = declare_kind(
    "pages.returned",
    "退回给我的稿件",
    "Pages returned to me",
    outside="您提交的稿件有了审核结果，请登录门户查看。",
    outside_en="There is a decision on a page that you handed in. Please sign in to the portal.",
)
APPROVED = declare_kind(
    "pages.approved",
    "审核通过的稿件",
    "Pages of mine that were approved",
    outside="您提交的稿件有了审核结果，请登录门户查看。",
    outside_en="There is a decision on a page that you handed in. Please sign in to the portal.",
)


def ask_reviewers(state: Any) -> None:
    """Open the to-do of a review that has begun, and end the author's of a returned page. Writes Task."""
    workflow, page = state.workflow_state, state.workflow_state.content_object
    close_task(_returned_key(workflow.pk), by=workflow.requested_by)
    if page is None or state.organisation is None:
        return
    reviewers = Holders(REVIEW, state.organisation, except_user=workflow.requested_by)
    title = _("审核：%(title)s") % {"title": _title_of(page)}
    open_task(_review_key(state.pk), reviewers, title[:200], _edit_url(page), kind=TO_REVIEW.code)


def end_review(state: Any, by: Any = None) -> None:
    """End the to-do of a review that was decided, cancelled or deleted."""
    close_task(_review_key(state.pk), by=by)


def tell_of_return(state: Any, by: Any = None) -> None:
    """Tell who handed the page in that it came back and why, and ask for the change. Writes Task and Message."""
    end_review(state, by)
    workflow, page = state.workflow_state, state.workflow_state.content_object
    author = workflow.requested_by
    if page is None or author is None:
        return
    title, url = _title_of(page), _edit_url(page)
    said = _("《%(title)s》已退回修改") % {"title": title}
    notify(f"pages.returned:{state.pk}", author, RETURNED.code, said[:200], url, text=state.comment, sender=by)
    task = _("修改后重新提交：%(title)s") % {"title": title}
    open_task(_returned_key(workflow.pk), author, task[:200], url, kind=RETURNED.code)


def tell_of_approval(workflow: Any, by: Any = None) -> None:
    """Tell who handed the page in that it passed every step."""
    page, author = workflow.content_object, workflow.requested_by
    close_task(_returned_key(workflow.pk))
    if page is None or author is None or author == by:
        return
    said = _("《%(title)s》已审核通过") % {"title": _title_of(page)}
    notify(
        f"pages.approved:{workflow.pk}", author, APPROVED.code, said[:200], page.get_url() or _edit_url(page), sender=by
    )


def end_workflow(workflow: Any) -> None:
    """Nothing is asked of the author any more: the workflow was cancelled or deleted."""
    close_task(_returned_key(workflow.pk))


def _title_of(page: Any) -> str:
    return page.draft_title or page.title


def _edit_url(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _review_key(state_id: int) -> str:
    return f"pages.review:{state_id}"


def _returned_key(workflow_id: int) -> str:
    return f"pages.returned:{workflow_id}"
