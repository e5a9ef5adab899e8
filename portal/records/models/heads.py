"""Where each chain ends, and the head of each day, which can be printed and kept outside of the database."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.records.models.seals import HASH_LENGTH


class ChainHead(models.Model):
    """The last entry of a chain. Its row is locked by everybody who appends, so numbers have no gap."""

    chain = models.CharField(max_length=80, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=HASH_LENGTH, default="0" * HASH_LENGTH)

    class Meta:
        verbose_name = _("链尾")
        verbose_name_plural = _("链尾")

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"


class DayHead(models.Model):
    """The head of a business day: one hash over the ends of all chains that grew, and over the head before it."""

    day = models.DateField(_("日期"), unique=True)
    chains = models.PositiveIntegerField(_("增长的链"))
    entries = models.PositiveBigIntegerField(_("新增记录"))
    made_at = models.DateTimeField(_("生成时间"))
    previous_root = models.CharField(max_length=HASH_LENGTH)
    root = models.CharField(_("日结哈希"), max_length=HASH_LENGTH)

    class Meta:
        verbose_name = _("日结")
        verbose_name_plural = _("日结")

    def __str__(self) -> str:
        return f"{self.day} {self.root[:12]}"


class DayHeadLine(models.Model):
    """The end of one chain that grew since the head before."""

    head = models.ForeignKey(DayHead, on_delete=models.PROTECT, related_name="lines")
    chain = models.CharField(max_length=80)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        verbose_name = _("日结明细")
        verbose_name_plural = _("日结明细")
        constraints = [models.UniqueConstraint(fields=["head", "chain"], name="day_head_line_once")]
        indexes = [models.Index(fields=["chain", "number"], name="day_head_line_by_chain")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"
