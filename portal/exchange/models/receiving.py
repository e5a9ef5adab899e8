"""Packages from another site: the taking-in, and its lines that wait for the decision."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.exchange.models.partner import Partner
from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Organisation
from portal.shared.fields import EncryptedTextField


class ReceivedPackage(models.Model):
    """One upload of a package. Nothing is written before it is applied; then all of it is, or nothing."""

    class State(models.TextChoices):
        CHECKING = "checking", _("正在比对")
        CHECKED = "checked", _("比对完毕")
        APPLYING = "applying", _("正在写入")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("不能导入")
        DROPPED = "dropped", _("已放弃")

    uid = UidField()
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="received", verbose_name=_("来自"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("范围")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    package_uid = models.UUIDField()
    serial = models.PositiveIntegerField(_("序号"))
    scope_name = models.CharField(_("范围"), max_length=120)
    purpose = models.CharField(_("用途"), max_length=200, blank=True)
    packed_at = models.DateTimeField(_("打包时间"))
    acknowledges = models.PositiveIntegerField(default=0)
    file_name = models.CharField(_("文件"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200, blank=True)
    is_repeated = models.BooleanField(default=False)
    is_older = models.BooleanField(default=False)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.CHECKING)
    progress = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    notices = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("上传时间"), default=now)
    checked_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("收到的数据包")
        verbose_name_plural = _("收到的数据包")
        indexes = [models.Index(fields=["partner", "serial"], name="exchange_received_serial")]

    def __str__(self) -> str:
        return f"{self.partner} #{self.serial}"


class StagedLine(models.Model):
    """A row of the package beside what is here. `uid` is the sender's, `here_uid` ours. The rows themselves are encrypted, and go
    when the taking-in is over."""

    class Act(models.TextChoices):
        NEW = "new", _("新增")
        CHANGED = "changed", _("修改")
        SAME = "same", _("相同")
        KEPT = "kept", _("只有本站改过")
        CONFLICT = "conflict", _("冲突")
        KEPT_OUT = "kept_out", _("不能导入")
        MISSING = "missing", _("包里没有")

    class Decision(models.TextChoices):
        THEIRS = "theirs", _("用对方的")
        OURS = "ours", _("留本站的")

    package = models.ForeignKey(ReceivedPackage, on_delete=models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    uid = models.CharField(max_length=60)
    here_uid = models.CharField(max_length=60, blank=True)
    act = models.CharField(max_length=10, choices=Act)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    title = EncryptedTextField(blank=True)
    theirs = EncryptedTextField(blank=True)
    ours = EncryptedTextField(blank=True)
    theirs_digest = models.CharField(max_length=64, blank=True)
    ours_digest = models.CharField(max_length=64, blank=True)
    changed = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("待导入行")
        verbose_name_plural = _("待导入行")
        constraints = [models.UniqueConstraint(fields=["package", "place"], name="exchange_line_once")]
        indexes = [models.Index(fields=["package", "act", "place"], name="exchange_line_by_act")]

    def __str__(self) -> str:
        return f"{self.package_id} {self.place}"
