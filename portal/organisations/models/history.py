"""The register's history: what happened to an organisation, and how it stood from when to when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models.organisation import Organisation


class OrganisationState(models.Model):
    """Name, kind and parent of an organisation on the days from `since` to before `until`; open while `until` is empty."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="states")
    parent = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=24, choices=Organisation.Kind)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("组织沿革")
        verbose_name_plural = _("组织沿革")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(until__isnull=True), name="organisation_state_one_open"
            ),
            models.UniqueConstraint(fields=["organisation", "since"], name="organisation_state_once_a_day"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="state_lasts"),
        ]
        indexes = [models.Index(fields=["since", "until"], name="organisation_state_days")]

    def __str__(self) -> str:
        return f"{self.name} {self.since}–{self.until or ''}"


class OrganisationEvent(models.Model):
    """One operation on the register, with its date and document number. Never changed; a correction is a new event."""

    class Kind(models.TextChoices):
        FOUNDED = "founded", _("成立")
        RENAMED = "renamed", _("更名")
        RECLASSIFIED = "reclassified", _("调整类别")
        MOVED = "moved", _("调整隶属")
        SPLIT = "split", _("分设")
        MERGED = "merged", _("合并")
        DISSOLVED = "dissolved", _("撤销")
        ELECTED = "elected", _("换届")
        IMPORTED = "imported", _("导入")

    uid = UidField()
    kind = models.CharField(_("事项"), max_length=20, choices=Kind)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="events")
    happened_on = models.DateField(_("发生日期"))
    document_number = models.CharField(_("文号"), max_length=80, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    detail = models.JSONField(default=dict)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    entered_at = models.DateTimeField(_("录入时间"), default=now)

    class Meta:
        verbose_name = _("组织变动")
        verbose_name_plural = _("组织变动")

    def __str__(self) -> str:
        return f"{self.happened_on} {self.get_kind_display()}"


class OrganisationEventPart(models.Model):
    """An organisation that an event concerns, and as what."""

    class Part(models.TextChoices):
        SUBJECT = "subject", _("本组织")
        SOURCE = "source", _("来自")
        TARGET = "target", _("去向")
        OLD_PARENT = "old_parent", _("原上级")
        NEW_PARENT = "new_parent", _("新上级")

    event = models.ForeignKey(OrganisationEvent, on_delete=models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="event_parts")
    part = models.CharField(max_length=12, choices=Part)

    class Meta:
        verbose_name = _("组织变动所涉组织")
        verbose_name_plural = _("组织变动所涉组织")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "event", "part"], name="event_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.get_part_display()} {self.organisation}"
