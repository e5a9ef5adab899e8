"""Corrections that members ask for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Member
from portal.shared.fields import EncryptedTextField


class Correction(models.Model):
    """A member says that a value is wrong and what is right. `uid` comes from the browser, so sending twice is one request.

    Values are kept as text, encrypted, whatever the field.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待审核")
        APPROVED = "approved", _("已更正")
        REFUSED = "refused", _("未通过")
        WITHDRAWN = "withdrawn", _("已撤回")

    uid = UidField()
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="corrections")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    field = models.CharField(_("项目"), max_length=40)
    before = EncryptedTextField(blank=True)
    after = EncryptedTextField(_("应为"), blank=True)
    reason = models.CharField(_("说明"), max_length=300)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("提出时间"), default=now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    answer = models.CharField(_("审核意见"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("更正申请")
        verbose_name_plural = _("更正申请")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "field"], condition=Q(state="waiting"), name="correction_one_waiting"
            ),
        ]
        indexes = [models.Index(fields=["member", "-asked_at"], name="correction_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.field} {self.state}"
