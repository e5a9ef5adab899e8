"""Who looked at whose file, and what a member agreed to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Member


class AccessEntry(models.Model):
    """Somebody else looked at, took out or changed a member's file. The member sees every line; nobody changes one.

    `name` keeps who it was in words, should the login be gone some day. `batch` is the import or export it belonged to.
    """

    class Act(models.TextChoices):
        OPENED = "opened", _("查看档案")
        REVEALED = "revealed", _("查看完整内容")
        FOUND = "found", _("按号码查找")
        EXPORTED = "exported", _("导出")
        CHANGED = "changed", _("修改")
        IMPORTED = "imported", _("批量导入时修改")
        CONTACTED = "contacted", _("用于联系")

    uid = UidField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="access_entries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("查阅人"), max_length=120)
    act = models.CharField(_("操作"), max_length=12, choices=Act)
    fields = models.JSONField(default=list)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    batch = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(_("时间"), default=now)

    class Meta:
        verbose_name = _("查阅记录")
        verbose_name_plural = _("查阅记录")
        indexes = [models.Index(fields=["member", "-at"], name="access_by_member")]

    def __str__(self) -> str:
        return f"{self.name} {self.act} {self.member_id}"


class Consent(models.Model):
    """A member agreed to a purpose that needs consent (see `domain.consents`); withdrawn, it stays as history."""

    uid = UidField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    given_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("同意")
        verbose_name_plural = _("同意")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "purpose"], condition=Q(withdrawn_at__isnull=True), name="consent_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.purpose}"
