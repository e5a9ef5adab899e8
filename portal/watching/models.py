"""What the server knows of watching. Times within a video are whole milliseconds from its start."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now


class Watched(models.Model):
    """The parts of one thing (a unit, a micro-lesson) that a person has seen. `subject` is the thing's uid: what is watched
    may be edited or deleted, the evidence stays."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    subject = models.UUIDField()
    spans = models.JSONField(default=list, help_text=_("互不重叠、按先后排列的 [起, 止] 毫秒"))
    watched_ms = models.PositiveIntegerField(default=0)
    position_ms = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("观看记录")
        verbose_name_plural = _("观看记录")
        constraints = [models.UniqueConstraint(fields=["user", "subject"], name="watched_once_per_subject")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.watched_ms} ms"


class WatchSession(models.Model):
    """The one place where a person watches now. Opening another tab, device or video moves it there.

    `credit_ms` is how much video time the person may still claim: it grows with the server's clock and is spent by every
    beacon, so no number of tabs, sessions or requests makes time run faster.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    subject = models.UUIDField()
    token = models.UUIDField(help_text=_("下一次上报必须出示，用过即换"))
    credit_ms = models.IntegerField()
    counted_at = models.DateTimeField(help_text=_("额度计算到的时刻"))
    last_beacon = models.UUIDField(null=True)
    last_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("观看会话")
        verbose_name_plural = _("观看会话")

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.subject}"
