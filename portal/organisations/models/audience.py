"""Audiences: who may see a thing, as an immutable set of tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.Model):
    """An immutable set of tokens, unique by the hash of its content. Content has one foreign key to it."""

    content_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("可见范围")
        verbose_name_plural = _("可见范围")

    def __str__(self) -> str:
        return self.label or self.content_hash[:8]


class AudienceToken(models.Model):
    """One token: `public`, `member`, `ou:<organisation id>`, `role:<code>@<organisation id>`."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="tokens")
    token = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("可见范围标记")
        verbose_name_plural = _("可见范围标记")
        constraints = [models.UniqueConstraint(fields=["token", "audience"], name="audience_token_once")]

    def __str__(self) -> str:
        return self.token
