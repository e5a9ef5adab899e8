"""What a row was when we and a partner last had the same idea of it, so that a later difference tells who changed it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.exchange.models.partner import Partner


class AgreedRow(models.Model):
    """Keyed digests of one row: as it came in the last package that was applied (`theirs`) and as it stood here after that
    (`ours`), and as we last sent it (`sent`, in package `sent_serial`). `uid` is what the partner calls it."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="agreed")
    kind = models.CharField(max_length=40)
    uid = models.CharField(max_length=60)
    here_uid = models.CharField(max_length=60)
    theirs = models.CharField(max_length=64, blank=True)
    ours = models.CharField(max_length=64, blank=True)
    agreed_at = models.DateTimeField(null=True)
    sent = models.CharField(max_length=64, blank=True)
    sent_serial = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("交换基准")
        verbose_name_plural = _("交换基准")
        constraints = [models.UniqueConstraint(fields=["partner", "kind", "here_uid"], name="exchange_agreed_once")]
        indexes = [models.Index(fields=["partner", "kind", "uid"], name="exchange_agreed_by_uid")]

    def __str__(self) -> str:
        return f"{self.kind} {self.here_uid}"
