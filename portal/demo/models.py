"""Which parts of the demo site are loaded: each is loaded once, and a broken run goes on where it stopped."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now


class DemoStep(models.Model):
    """A loaded part, written in the same transaction as its content."""

    subject = models.CharField(max_length=40, unique=True)
    done_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("演示数据")
        verbose_name_plural = _("演示数据")

    def __str__(self) -> str:
        return self.subject
