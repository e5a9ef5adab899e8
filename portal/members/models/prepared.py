"""Files made for one person to fetch: the own data, an export. Kept encrypted, for a day."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Organisation


class PreparedFile(models.Model):
    """`path` names an encrypted file in the default storage while `state` is ready. Only `user` may fetch it."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("个人数据")
        EXPORT = "export", _("党员导出")

    class State(models.TextChoices):
        ASKED = "asked", _("等待批准")
        REFUSED = "refused", _("未获批准")
        WAITING = "waiting", _("正在准备")
        READY = "ready", _("可以下载")
        FAILED = "failed", _("没有做成")
        GONE = "gone", _("已过期")

    uid = UidField()
    kind = models.CharField(max_length=12, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)
    path = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=now)
    ready_at = models.DateTimeField(null=True, blank=True)
    # The approval of an export: the organisation that holds everybody in it, and what the second person said.
    scope = models.ForeignKey(Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("待下载文件")
        verbose_name_plural = _("待下载文件")
        indexes = [models.Index(fields=["user", "kind", "-made_at"], name="prepared_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"
