"""The ledger: accounts, dated rules, transfers that are never changed, and what a member already got in a day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.sdk import now
from portal.public.models import Addressed, Sealed


class Account(Addressed):
    """One side of a transfer: a member's account, or the one that all points are issued from."""

    ISSUER = "issuer"

    code = models.CharField(max_length=60, unique=True)
    member_uid = models.UUIDField(null=True, unique=True)

    class Meta:
        verbose_name = _("积分账户")
        verbose_name_plural = _("积分账户")

    def __str__(self) -> str:
        return self.code


class Rule(Addressed):
    """What a deed earns from when to when. A change is a new version; old transfers keep the version they were given under."""

    code = models.CharField(_("规则编码"), max_length=60)
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    label = models.CharField(_("事项"), max_length=120)
    label_en = models.CharField(_("事项（英文）"), max_length=120, blank=True)
    points = models.PositiveSmallIntegerField(_("每次积分"))
    daily_cap = models.PositiveSmallIntegerField(_("每日上限"), null=True, blank=True)
    source = models.CharField(_("依据"), max_length=200)
    valid_from = models.DateField(_("生效日期"), null=True, blank=True)
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("积分规则")
        verbose_name_plural = _("积分规则")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="points_rule_version_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="points_rule_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.label} v{self.version}"


class Transfer(Sealed, Addressed):
    """Points move from `debit` to `credit`. Written once; a mistake is put right by a transfer back that names it."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="transfers")
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount = models.PositiveIntegerField()
    event_key = models.CharField(max_length=200, unique=True)
    about = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=now)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    reversal_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("积分流水")
        verbose_name_plural = _("积分流水")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="points_transfer_above_zero"),
            models.CheckConstraint(condition=~Q(debit=models.F("credit")), name="points_transfer_two_accounts"),
        ]
        indexes = [
            models.Index(fields=["credit", "-occurred_at"], name="points_by_credit"),
            models.Index(fields=["debit", "-occurred_at"], name="points_by_debit"),
        ]

    def __str__(self) -> str:
        return f"{self.debit} → {self.credit}: {self.amount}"


class DayCount(models.Model):
    """What a member already got under a rule on a day (Asia/Shanghai); locked while a transfer is written."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    rule_code = models.CharField(max_length=60)
    day = models.DateField()
    given = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("当日已得")
        verbose_name_plural = _("当日已得")
        constraints = [models.UniqueConstraint(fields=["account", "rule_code", "day"], name="points_day_count_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.rule_code} {self.day}: {self.given}"
