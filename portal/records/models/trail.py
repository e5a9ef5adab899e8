"""The audit trail: lines that are never changed, chained by hash."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditLine(models.Model):
    """Who did what to what. `entry_uid` is the outbox entry, so a repeated delivery writes nothing twice."""

    entry_uid = models.UUIDField(unique=True)
    actor = models.CharField(_("操作人"), max_length=40, blank=True)
    action = models.CharField(_("操作"), max_length=100)
    target_kind = models.CharField(_("对象"), max_length=60, blank=True)
    target_uid = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)
    happened_at = models.DateTimeField(_("发生时间"))
    previous_hash = models.CharField(max_length=64)
    line_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        indexes = [
            models.Index(fields=["happened_at"], name="audit_by_time"),
            models.Index(fields=["actor", "happened_at"], name="audit_by_actor"),
            models.Index(fields=["action", "happened_at"], name="audit_by_action"),
            models.Index(fields=["target_kind", "target_uid"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M} {self.action}"
