"""Tasks (待办): what somebody is asked to do, until it is done."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.notices.models.addressed import Addressed


class Task(Addressed):
    """Something to be done, named by its `key`. Whose it is is read anew each time: a successor sees it, who left does not."""

    uid = UidField()
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=100, default="notices.task")
    title = models.CharField(_("内容"), max_length=200)
    url = models.CharField(_("地址"), max_length=500, blank=True)
    due_on = models.DateField(_("期限"), null=True, blank=True)
    by_hand = models.BooleanField(default=False)
    opened_at = models.DateTimeField(_("提出"), default=now)
    closed_at = models.DateTimeField(_("办结"), null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("待办")
        verbose_name_plural = _("待办")
        indexes = [
            models.Index(fields=["organisation", "right"], condition=Q(closed_at__isnull=True), name="task_open_in"),
        ]

    def __str__(self) -> str:
        return self.title


class TaskAssignee(models.Model):
    """A person who is asked by name."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignees")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_assignments")

    class Meta:
        verbose_name = _("承办人")
        verbose_name_plural = _("承办人")
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="task_assignee_once")]

    def __str__(self) -> str:
        return f"{self.task} → {self.user}"
