"""Posts (职务) held by members, and terms (届) of the bodies that hold them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import today
from portal.ground.ids import UidField
from portal.organisations.models.organisation import Organisation


class Post(models.Model):
    """A member's post (书记, 副书记, 组织委员 …) in an organisation, with its term."""

    class Kind(models.TextChoices):
        SECRETARY = "secretary", _("书记")
        DEPUTY_SECRETARY = "deputy_secretary", _("副书记")
        ORGANISATION_COMMISSIONER = "organisation_commissioner", _("组织委员")
        PUBLICITY_COMMISSIONER = "publicity_commissioner", _("宣传委员")
        DISCIPLINE_COMMISSIONER = "discipline_commissioner", _("纪检委员")
        UNITED_FRONT_COMMISSIONER = "united_front_commissioner", _("统战委员")
        YOUTH_COMMISSIONER = "youth_commissioner", _("青年委员")
        MASS_WORK_COMMISSIONER = "mass_work_commissioner", _("群工委员")
        CONFIDENTIALITY_COMMISSIONER = "confidentiality_commissioner", _("保密委员")
        WOMEN_COMMISSIONER = "women_commissioner", _("妇女委员")
        SECURITY_COMMISSIONER = "security_commissioner", _("保卫委员")
        COMMITTEE_MEMBER = "committee_member", _("委员")
        GROUP_LEADER = "group_leader", _("党小组组长")

    uid = UidField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    member = models.ForeignKey("organisations.Member", on_delete=models.PROTECT, related_name="posts")
    kind = models.CharField(_("职务"), max_length=40, choices=Kind)
    since = models.DateField(_("任职日期"), default=today)
    until = models.DateField(_("届满日期"), null=True, blank=True)
    ended_on = models.DateField(_("离任日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("职务")
        verbose_name_plural = _("职务")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "member", "kind"], condition=Q(ended_on__isnull=True), name="post_held_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_kind_display()}"


class Term(models.Model):
    """A term (届) of an organisation's leading body: from an election to `until`, unless it ended before on `ended_on`."""

    uid = UidField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveSmallIntegerField(_("届次"), null=True, blank=True)
    since = models.DateField(_("起始日期"))
    until = models.DateField(_("届满日期"))
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    document_number = models.CharField(_("文号"), max_length=80, blank=True)
    reminded_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("届期")
        verbose_name_plural = _("届期")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_on__isnull=True), name="term_one_running"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="term_ends_after_its_start"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_on__isnull=True), name="term_running_until")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.since}–{self.until}"
