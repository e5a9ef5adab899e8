"""The step of a workflow in which someone of the responsible organisation, and not the author, reads and decides."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision, Task, TaskState

from portal.basepage.rights import REVIEW
from portal.ground.rights import may
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation
from portal.pages.domain.reviewing import ask_reviewers


class ReviewTaskState(TaskState):
    """One review. Keeps the organisation whose reviewers are asked, so that a queue is one query."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("责任组织")
    )

    class Meta:
        verbose_name = _("审核")
        verbose_name_plural = _("审核")


class ReviewTask(Task):
    """Reviewers are those who hold `pages.review` in the page's owner organisation or above it. Nobody decides on what they
    wrote or submitted, whatever else they may do (separation of duties); this holds for superusers too."""

    task_state_class = ReviewTaskState

    class Meta:
        verbose_name = _("组织审核")
        verbose_name_plural = _("组织审核")

    def start(self, workflow_state: Any, user: Any = None) -> ReviewTaskState:
        """Ask the reviewers of the page's organisation. Writes the state and their to-do."""
        with transaction.atomic():
            state: ReviewTaskState = super().start(workflow_state, user=user)
            state.organisation = getattr(workflow_state.content_object, "owner_organisation", None)
            state.save(update_fields=["organisation"])
            ask_reviewers(state)
        return state

    def may_decide(self, obj: Any, user: Any) -> bool:
        """Whether `user` may approve or send back the version of `obj` that waits."""
        return may(user, REVIEW, obj) and user.pk not in authors_of(obj)

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> None:
        """Approve or send back. Raises PermissionDenied for those who may not decide, however they came here."""
        page = task_state.workflow_state.content_object
        if not self.may_decide(page, user):
            raise PermissionDenied
        # The decision is about the newest version: it is what the editor showed, and nobody else may change it meanwhile.
        task_state.revision = page.get_latest_revision()
        task_state.save(update_fields=["revision"])
        super().on_action(task_state, user, action_name, **kwargs)

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        return may(user, REVIEW, obj)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        return not self.may_decide(obj, user)

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Wagtail's triples: name, label, whether a comment is asked for."""
        if not self.may_decide(obj, user):
            return []
        return [
            ("reject", _("退回修改"), True),
            ("approve", _("审核通过"), False),
            ("approve", _("审核通过并附意见"), True),
        ]

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> Any:
        """What waits for this person: one query. Who changed it meanwhile still sees it, and cannot decide (`may_decide`)."""
        waiting = TaskState.objects.filter(task=self, status=TaskState.STATUS_IN_PROGRESS)
        mine = within_paths(paths_where(user, REVIEW), "reviewtaskstate__organisation__path")
        return waiting.filter(mine).exclude(workflow_state__requested_by=user)

    @classmethod
    def get_description(cls) -> Any:
        return _("由页面责任组织或其上级的审核人员审核，作者不能审核自己的稿件")


_NOT_CONTENT = {
    "latest_revision",
    "latest_revision_created_at",
    "live_revision",
    "has_unpublished_changes",
    "draft_title",
}


def authors_of(obj: Any) -> set[int]:
    """Primary keys of those who wrote or submitted what waits: every version since the one that readers see now.

    A version that says the same as the one before it makes nobody an author: the editor keeps one whenever a reviewer
    decides, even if not a letter was changed.
    """
    revisions = Revision.objects.for_instance(obj).order_by("created_at", "pk")
    authors: set[int | None] = set()
    before: dict[str, Any] | None = None
    if obj.live_revision_id:
        before = _content_of(obj.live_revision)
        revisions = revisions.filter(created_at__gt=obj.live_revision.created_at)
    for revision in revisions:
        content = _content_of(revision)
        if content != before:
            authors.add(revision.user_id)
        before = content
    state = obj.current_workflow_state
    if state is not None:
        authors.add(state.requested_by_id)
    return {author for author in authors if author is not None}


def _content_of(revision: Revision) -> dict[str, Any]:
    return {name: value for name, value in revision.content.items() if name not in _NOT_CONTENT}
