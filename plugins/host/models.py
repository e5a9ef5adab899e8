"""What the host remembers: which plugin is on where, and what went wrong in which."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now


class PluginState(models.Model):
    """Whether a plugin is on for a site. No row: bundled ones are on, others off.

    `organisation_id` is for switching in a subtree; it stays null, the whole site, in 1.0.
    """

    site_id = models.PositiveBigIntegerField()
    organisation_id = models.PositiveBigIntegerField(null=True, blank=True)
    slug = models.CharField(max_length=31)
    enabled = models.BooleanField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("插件开关")
        verbose_name_plural = _("插件开关")
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "slug"],
                condition=models.Q(organisation_id__isnull=True),
                name="plugin_state_of_site",
            ),
            models.UniqueConstraint(
                fields=["site_id", "organisation_id", "slug"],
                condition=models.Q(organisation_id__isnull=False),
                name="plugin_state_of_subtree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} @ {self.site_id}: {self.enabled}"


class PluginFault(models.Model):
    """A point of a plugin (or of a core app's contribution) that failed: how often, and the last time in full.

    `in_a_row` counts the faults since it last worked. After some it is left alone until `open_until`, each time (`trips`) for longer.
    """

    slug = models.CharField(max_length=60)
    point = models.CharField(max_length=120)
    count = models.PositiveIntegerField(default=1)
    error = models.CharField(max_length=500)
    trace = models.TextField(blank=True)
    first_at = models.DateTimeField(default=now)
    last_at = models.DateTimeField(default=now)
    in_a_row = models.PositiveIntegerField(default=1)
    trips = models.PositiveSmallIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("插件故障")
        verbose_name_plural = _("插件故障")
        constraints = [models.UniqueConstraint(fields=["slug", "point"], name="plugin_fault_per_point")]

    def __str__(self) -> str:
        return f"{self.slug} {self.point}: {self.error} ({self.count})"


class PluginSettings(models.Model):
    """What was saved in the settings form of a plugin for a site."""

    site_id = models.PositiveBigIntegerField()
    slug = models.CharField(max_length=31)
    values = models.JSONField(default=dict)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("插件设置")
        verbose_name_plural = _("插件设置")
        constraints = [models.UniqueConstraint(fields=["site_id", "slug"], name="plugin_settings_of_site")]

    def __str__(self) -> str:
        return f"{self.slug} @ {self.site_id}"


class AuditLabel(models.Model):
    """What an action of a plugin is called in the audit trail, kept for the time when the plugin is gone."""

    action = models.CharField(max_length=100, unique=True)
    slug = models.CharField(max_length=31)
    label = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("操作名称")
        verbose_name_plural = _("操作名称")

    def __str__(self) -> str:
        return f"{self.action}: {self.label}"
