"""Connects Wagtail's workflow with the to-dos and notices about it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from wagtail.models import WorkflowState
from wagtail.signals import task_approved, task_cancelled, task_rejected, workflow_approved, workflow_cancelled

from portal.pages.domain import reviewing
from portal.pages.models import ReviewTaskState


def connect() -> None:
    """Called once at start."""
    task_approved.connect(_ended, sender=ReviewTaskState)
    task_cancelled.connect(_ended, sender=ReviewTaskState)
    task_rejected.connect(_returned, sender=ReviewTaskState)
    post_delete.connect(_ended, sender=ReviewTaskState)
    workflow_approved.connect(_approved, sender=WorkflowState)
    workflow_cancelled.connect(_over, sender=WorkflowState)
    post_delete.connect(_over, sender=WorkflowState)


def _ended(instance: Any, user: Any = None, **_rest: Any) -> None:
    reviewing.end_review(instance, user)


def _returned(instance: Any, user: Any = None, **_rest: Any) -> None:
    reviewing.tell_of_return(instance, user)


def _approved(instance: Any, user: Any = None, **_rest: Any) -> None:
    reviewing.tell_of_approval(instance, user)


def _over(instance: Any, **_rest: Any) -> None:
    reviewing.end_workflow(instance)
