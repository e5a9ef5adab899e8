"""What was asked and opened, in numbers only: no row says who or at which hour."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import today


class AskedQuery(models.Model):
    """How often a query found nothing, or was a question without an approved answer. A person counts once a day."""

    key = models.CharField(max_length=120, unique=True)
    text = models.CharField(_("搜索词"), max_length=100)
    empty = models.PositiveIntegerField(_("没有结果"), default=0)
    unanswered = models.PositiveIntegerField(_("没有解答"), default=0)
    last_on = models.DateField(_("最近"), default=today)

    class Meta:
        verbose_name = _("没有找到的词")
        verbose_name_plural = _("没有找到的词")

    def __str__(self) -> str:
        return self.text


class Click(models.Model):
    """How often a query led to a row of the index."""

    key = models.CharField(max_length=120)
    text = models.CharField(max_length=100)
    row = models.CharField(max_length=200)
    group = models.CharField(max_length=200)
    times = models.PositiveIntegerField(default=0)
    last_on = models.DateField(default=today)

    class Meta:
        verbose_name = _("点击次数")
        verbose_name_plural = _("点击次数")
        constraints = [models.UniqueConstraint(fields=["key", "row"], name="click_once_a_query_and_row")]
        indexes = [models.Index(fields=["-times"], name="click_often")]

    def __str__(self) -> str:
        return f"{self.text} → {self.row}"
