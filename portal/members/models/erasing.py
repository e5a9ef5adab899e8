"""Erasing a person: what was asked, what is done, and what is left to do."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField


class Erasure(models.Model):
    """Keeps the keys of a person until every holder has erased what it may, and no name. Done only when `done_at` is set.

    `done` maps the name of a holder to its rows and what stays, `failed` to its label and error.
    """

    uid = UidField()
    member_uid = models.UUIDField(null=True, db_index=True)
    user_uid = models.UUIDField(null=True)
    user_id = models.PositiveBigIntegerField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(_("提出时间"), default=now)
    done_at = models.DateTimeField(_("完成时间"), null=True)
    done = models.JSONField(default=dict)
    failed = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("个人数据删除")
        verbose_name_plural = _("个人数据删除")
        indexes = [models.Index(fields=["asked_at"], condition=Q(done_at__isnull=True), name="erasure_not_done")]

    def __str__(self) -> str:
        return str(self.uid)
