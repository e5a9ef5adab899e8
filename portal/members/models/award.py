"""Awards and punishments (奖惩)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Member
from portal.shared.fields import EncryptedTextField


class Award(models.Model):
    """Something a member was commended or punished for. A punishment is sealed: shown only with a reason, to who may unseal."""

    class Kind(models.TextChoices):
        AWARD = "award", _("表彰奖励")
        PUNISHMENT = "punishment", _("处分")

    uid = UidField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="awards")
    kind = models.CharField(_("类别"), max_length=12, choices=Kind, default=Kind.AWARD)
    title = EncryptedTextField(_("名称"))
    issuer = models.CharField(_("批准单位"), max_length=120, blank=True)
    happened_on = models.DateField(_("日期"))
    entered_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("奖惩")
        verbose_name_plural = _("奖惩")
        ordering = ["-happened_on", "-pk"]
        indexes = [models.Index(fields=["member", "-happened_on"], name="award_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.happened_on}"
