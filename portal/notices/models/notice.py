"""Notices (通知) to one person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.notices.models.message import Message


class Notice(models.Model):
    """Something a person was told. `key` says what it is about, so that telling twice is one notice; `read_at` is the receipt."""

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="notices")
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=100, default="notices.general")
    title = models.CharField(_("内容"), max_length=200)
    url = models.CharField(_("地址"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("时间"), default=now)
    read_at = models.DateTimeField(_("已读"), null=True, blank=True)

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-made_at"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["user", "-made_at"], name="notice_newest"),
        ]

    def __str__(self) -> str:
        return self.title
