"""How far the index is: one row for each group that was ever indexed."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from portal.ground.clock import now


class IndexState(models.Model):
    """`seq` rises, under the row's lock, each time the group is read for indexing; `indexed_seq` follows once the engine has
    it. `rows` are the uids that may be in the index, sections included. Never deleted: a number that began again would lose to older ones."""

    kind = models.CharField("种类", max_length=100)
    group = models.CharField("分组", max_length=100)
    seq = models.PositiveBigIntegerField(default=0)
    indexed_seq = models.PositiveBigIntegerField(default=0)
    rows = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    last_error = models.TextField("原因", blank=True)
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
