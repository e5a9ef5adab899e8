"""A table of organisations that was uploaded, and how far it has come."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField


class RegisterImport(models.Model):
    """One file. Nothing is written to the register before it is confirmed; then all of it is, or nothing."""

    class State(models.TextChoices):
        CHECKING = "checking", _("正在检查")
        CHECKED = "checked", _("检查完毕")
        APPLYING = "applying", _("正在导入")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("不能导入")
        DROPPED = "dropped", _("已清除")

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("文件"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200, blank=True)
    on = models.DateField(_("日期"))
    document_number = models.CharField(_("文号"), max_length=80)
    remark = models.CharField(_("说明"), max_length=500, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.CHECKING)
    note = models.CharField(max_length=300, blank=True)
    outcome = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("组织导入")
        verbose_name_plural = _("组织导入")
        indexes = [models.Index(fields=["user", "-made_at"], name="register_import_by_user")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    @property
    def is_working(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in (self.State.CHECKING, self.State.APPLYING)
