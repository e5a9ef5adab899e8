"""Packages made for another site."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.exchange.models.partner import Partner
from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Organisation


class SentPackage(models.Model):
    """A package of a subtree for one partner. `serial` counts per partner; `path` names the file while it is kept."""

    class State(models.TextChoices):
        WAITING = "waiting", _("正在准备")
        READY = "ready", _("可以下载")
        FAILED = "failed", _("没有做成")
        GONE = "gone", _("文件已清除")

    uid = UidField()
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sent", verbose_name=_("发给"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("范围"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("用途"), max_length=200)
    serial = models.PositiveIntegerField(_("序号"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    path = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(_("时间"), default=now)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("导出的数据包")
        verbose_name_plural = _("导出的数据包")
        constraints = [models.UniqueConstraint(fields=["partner", "serial"], name="exchange_serial_once")]

    def __str__(self) -> str:
        return f"{self.partner} #{self.serial}"
