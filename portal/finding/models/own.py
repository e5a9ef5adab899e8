"""What a person keeps: saved searches, recent ones, and whether recent ones are kept at all."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField


class SavedSearch(models.Model):
    """`asked` are the values of an address of the results page. A document counts as new when it is dated on or after the day
    of saving, when search came to know it after `after_state`, or when it appeared later (see `search.models.IndexState`)."""

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("名称"), max_length=60)
    asked = models.JSONField(default=dict)
    asked_hash = models.CharField(max_length=64)
    alerts = models.BooleanField(_("有新内容时通知"), default=True)
    after_state = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(default=now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("保存的搜索")
        verbose_name_plural = _("保存的搜索")
        constraints = [models.UniqueConstraint(fields=["user", "asked_hash"], name="saved_search_once_a_person")]
        indexes = [models.Index(fields=["id"], condition=models.Q(alerts=True), name="saved_search_with_alerts")]

    def __str__(self) -> str:
        return self.name


class AlertedHit(models.Model):
    """A row of the index that a saved search has told its person of: told once. The row is kept as a digest of its key."""

    saved = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="told")
    digest = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("已通知的内容")
        verbose_name_plural = _("已通知的内容")
        constraints = [models.UniqueConstraint(fields=["saved", "digest"], name="alerted_once")]

    def __str__(self) -> str:
        return self.digest


class RecentSearch(models.Model):
    """What a person searched for lately; the same query is kept once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recent_searches")
    query = models.CharField(max_length=100)
    asked_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("最近的搜索")
        verbose_name_plural = _("最近的搜索")
        constraints = [models.UniqueConstraint(fields=["user", "query"], name="recent_search_once")]

    def __str__(self) -> str:
        return self.query


class Preferences(models.Model):
    """Whether recent searches of a person are kept. No row: they are."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    keeps_recent = models.BooleanField(_("保留最近的搜索"), default=True)

    class Meta:
        verbose_name = _("检索偏好")
        verbose_name_plural = _("检索偏好")

    def __str__(self) -> str:
        return str(self.keeps_recent)
