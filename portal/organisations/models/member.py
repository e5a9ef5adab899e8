"""Members (党员): a person's file, and where the person belonged when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import today
from portal.ground.ids import UidField
from portal.organisations.models.organisation import Organisation


class Member(models.Model):
    """A person's file. Belongs to one organisation at a time; the history stands in Membership."""

    class Stage(models.TextChoices):
        APPLICANT = "applicant", _("入党申请人")
        ACTIVIST = "activist", _("入党积极分子")
        TARGET = "target", _("发展对象")
        PROBATIONARY = "probationary", _("预备党员")
        FULL = "full", _("正式党员")
        FLOATING = "floating", _("流动党员")
        SUSPENDED = "suspended", _("停止党籍")
        LEFT = "left", _("已转出")

    # Who counts as a party member of the organisation: applicants and those before them do not yet, the suspended not now.
    COUNTED = (Stage.PROBATIONARY, Stage.FULL, Stage.FLOATING)

    uid = UidField()
    name = models.CharField(_("姓名"), max_length=60)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="members", verbose_name=_("所在组织")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="member",
        verbose_name=_("账号"),
    )
    stage = models.CharField(_("阶段"), max_length=20, choices=Stage, default=Stage.FULL)
    joined_on = models.DateField(_("入党日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("党员")
        verbose_name_plural = _("党员")
        indexes = [
            models.Index(fields=["organisation", "stage"], name="member_by_organisation"),
            models.Index(fields=["name", "id"], name="member_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Where a member belonged from when to when."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    since = models.DateField(default=today)
    until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("组织关系")
        verbose_name_plural = _("组织关系")
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(until__isnull=True), name="membership_one_open"),
        ]
        indexes = [models.Index(fields=["since", "until", "organisation"], name="membership_days")]

    def __str__(self) -> str:
        return f"{self.member} @ {self.organisation}"
