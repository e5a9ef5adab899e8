"""The step of a workflow in which someone of the responsible organisation, and not the author, reads and decides."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision, Task, TaskState

from portal.basepage.rights import REVIEW
from portal.ground.rights import may
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation


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
        """Ask the reviewers of the page's organisation."""
        state = super().start(workflow_state, user=user)
        state.organisation = getattr(workflow_state.content_object, "owner_organisation", None)
        state.save(update_fields=["organisation"])
        return state

    def may_decide(self, obj: Any, user: Any) -> bool:
        """Whether `user` may approve or send back the version of `obj` that waits."""
        return may(user, REVIEW, obj) and user.pk not in authors_of(obj)

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> None:
        """Approve or send back. Raises PermissionDenied for those who may not decide, however they came here."""
        if not self.may_decide(task_state.workflow_state.content_object, user):
            raise PermissionDenied
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
        """What waits for this person: one query."""
        waiting = TaskState.objects.filter(task=self, status=TaskState.STATUS_IN_PROGRESS)
        mine = within_paths(paths_where(user, REVIEW), "reviewtaskstate__organisation__path")
        return waiting.filter(mine).exclude(Q(workflow_state__requested_by=user) | Q(revision__user=user))

    @classmethod
    def get_description(cls) -> Any:
        return _("由页面责任组织或其上级的审核人员审核，作者不能审核自己的稿件")


def authors_of(obj: Any) -> set[int]:
    """Primary keys of those who wrote or submitted what waits: every version since the one that readers see now."""
    revisions = Revision.objects.for_instance(obj)
    if obj.live_revision_id:
        revisions = revisions.filter(created_at__gt=obj.live_revision.created_at)
    authors = set(revisions.values_list("user_id", flat=True))
    state = obj.current_workflow_state
    if state is not None:
        authors.add(state.requested_by_id)
    return {author for author in authors if author is not None}
