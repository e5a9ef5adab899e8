"""What editors add to queries: other words, short names, documents that stand first; and how search behaves on this site."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now


class Policy(models.Model):
    """One row. `revision` rises with every change of what counts at query time, so that each process knows when to read anew."""

    revision = models.PositiveBigIntegerField(default=0, editable=False)
    learns = models.BooleanField(
        _("从点击中学习"),
        default=True,
        help_text=_("只记“什么词打开了哪份内容”的次数，不记是谁。关闭后不再记录，已有的次数也不再影响排序。"),
    )
    lists_queries = models.BooleanField(
        _("汇总没有找到的词"), default=True, help_text=_("只记词和次数，不记是谁；关闭后不再记录。")
    )
    minimum = models.PositiveSmallIntegerField(
        _("至少几次才列出"), default=3, help_text=_("同一个词一天内由同一人反复搜索只算一次。")
    )
    keep_days = models.PositiveSmallIntegerField(_("保留天数"), default=90)
    where_to_ask = models.CharField(
        _("没有找到时向哪里询问"),
        max_length=200,
        blank=True,
        help_text=_("例如“可以电话询问党群工作部，内线 8101”。显示在没有结果的页面上。"),
    )

    class Meta:
        verbose_name = _("检索设置")
        verbose_name_plural = _("检索设置")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Synonym(models.Model):
    """`word` and `others` (separated by 、): words for the same thing, or a short name with what it stands for."""

    class Kind(models.TextChoices):
        SAME = "same", _("近义词（互相都能找到）")
        WIDER = "wider", _("单向（搜前者也找后者）")
        SHORT = "short", _("简称（前者是后者的简称）")

    kind = models.CharField(_("种类"), max_length=10, choices=Kind, default=Kind.SAME)
    word = models.CharField(_("词"), max_length=40)
    key = models.CharField(max_length=80, editable=False)
    others = models.CharField(_("对应的词"), max_length=300, help_text=_("多个词用顿号隔开；简称只能对应一个全称。"))
    is_on = models.BooleanField(_("启用"), default=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("更新时间"), default=now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("近义词和简称")
        verbose_name_plural = _("近义词和简称")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="synonym_once_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.word}：{self.others}"


class Pin(models.Model):
    """A document ("kind:uid" as search knows it) that stands first for a query. No title is kept: who may not see the document
    must not read it here."""

    query = models.CharField(_("搜索词"), max_length=100)
    key = models.CharField(max_length=200, db_index=True, editable=False)
    group = models.CharField(_("内容"), max_length=150)
    starts_on = models.DateField(_("从"), null=True, blank=True)
    ends_on = models.DateField(_("到（含）"), null=True, blank=True)
    place = models.PositiveSmallIntegerField(_("次序"), default=1, help_text=_("小的在前。"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("更新时间"), default=now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("置顶结果")
        verbose_name_plural = _("置顶结果")
        constraints = [models.UniqueConstraint(fields=["key", "group"], name="pin_once_for_a_query")]

    def __str__(self) -> str:
        return self.query
