"""How far the index is: one row for each group that was ever indexed."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from portal.ground.clock import now

MAX_ATTEMPTS = 5


class IndexState(models.Model):
    """`seq` rises, under the row's lock, each time the group is read for indexing; `indexed_seq` follows once the engine has
    it. `attempts` are the failed ones since it last went well; after `MAX_ATTEMPTS` the group is parked with its `last_error`
    until it changes or everything is compared. `rows` are the uids that may be in the index, sections included. `appeared_at` says when a group that was known and had no rows got its first; None when it had rows from the start,
    or none yet. `embedded_digest` is the `digest` of what its vectors were made of (see `search.vectors`). Never deleted: a number that began again would lose to older ones."""

    kind = models.CharField("种类", max_length=100)
    group = models.CharField("分组", max_length=100)
    seq = models.PositiveBigIntegerField(default=0)
    indexed_seq = models.PositiveBigIntegerField(default=0)
    rows = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    embedded_digest = models.CharField(max_length=64, blank=True, default="")
    appeared_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField("原因", blank=True)
    attempts = models.PositiveSmallIntegerField("失败次数", default=0)
    changed_at = models.DateTimeField("更新于", default=now)

    class Meta:
        verbose_name = "索引进度"
        verbose_name_plural = "索引进度"
        constraints = [models.UniqueConstraint(fields=["kind", "group"], name="index_state_once_per_group")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(indexed_seq__lt=F("seq")), name="index_state_behind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.group} {self.indexed_seq}/{self.seq}"


class KnownTitle(models.Model):
    """A title as it can be found while the engine is away: written with each reading of its group. `tokens` stand between
    bars: |member|ou:7|."""

    kind = models.CharField("种类", max_length=100)
    group = models.CharField("分组", max_length=100)
    uid = models.TextField()
    type = models.CharField("类型", max_length=100)
    title = models.TextField("标题")
    summary = models.TextField("摘要", blank=True)
    folded = models.TextField()
    url = models.TextField("地址")
    tokens = models.TextField("可见范围")
    secrecy = models.PositiveIntegerField("密级", default=0)
    valid_from = models.PositiveIntegerField(default=0)
    valid_to = models.PositiveIntegerField(default=0)
    authority = models.FloatField(default=1.0)
    published = models.CharField("日期", max_length=10, blank=True)

    class Meta:
        verbose_name = "备用标题"
        verbose_name_plural = "备用标题"
        indexes = [models.Index(fields=["kind", "group"], name="known_title_of_group")]

    def __str__(self) -> str:
        return self.title
