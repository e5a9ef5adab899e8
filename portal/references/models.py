"""One table of citations: a lesson, page, case, question or plugin cites an article, a regulation, another page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now


class Reference(models.Model):
    """`source` cites `target`. No foreign keys: both ends are named by kind and uid, because they live in sibling apps.

    `seen` is what the source's editor saw of the target (such as the hash of an article's text), to tell when it changed.
    """

    source_kind = models.CharField(max_length=60)
    source_uid = models.UUIDField()
    target_kind = models.CharField(max_length=60)
    target_uid = models.UUIDField()
    seen = models.CharField(max_length=100, blank=True)
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("引用")
        verbose_name_plural = _("引用")
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_uid", "target_kind", "target_uid"], name="reference_once"
            ),
        ]
        indexes = [models.Index(fields=["target_kind", "target_uid"], name="reference_by_target")]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_uid} -> {self.target_kind} {self.target_uid}"
