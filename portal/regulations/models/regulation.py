"""The work: a law, a party regulation or an internal rule, whatever its versions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField, new_short_code
from portal.organisations.models import Audience, Organisation


class Level(models.TextChoices):
    """The kind of rule by its rank and its maker (效力级别)."""

    PARTY_CONSTITUTION = "party_constitution", _("党章")
    PARTY_REGULATION = "party_regulation", _("党内法规")
    CONSTITUTION = "constitution", _("宪法")
    LAW = "law", _("法律")
    ADMINISTRATIVE = "administrative", _("行政法规")
    JUDICIAL = "judicial", _("司法解释")
    DEPARTMENTAL = "departmental", _("部门规章")
    LOCAL = "local", _("地方性法规")
    INTERNAL = "internal", _("内部制度")
    OTHER = "other", _("其他")


class Regulation(models.Model):
    """A work. Its text lives in versions; `title_key` is the title without blanks and folded, for matching on import."""

    wagtail_reference_index_ignore = True  # its uses are in `portal.references`; a tenth of an import went there

    uid = UidField()
    code = models.CharField(_("短码"), max_length=20, unique=True, default=new_short_code, editable=False)
    title = models.CharField(_("标题"), max_length=300)
    title_key = models.CharField(max_length=300, db_index=True, editable=False)
    level = models.CharField(_("效力级别"), max_length=20, choices=Level, default=Level.OTHER)
    issuer = models.CharField(_("制定机关"), max_length=200, blank=True)
    owner_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任组织")
    )
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+", verbose_name=_("可见范围"))
    secrecy = models.PositiveSmallIntegerField(_("级别"), default=0)
    repealed_on = models.DateField(_("废止日期"), null=True, blank=True)
    repeal_note = models.CharField(_("废止说明"), max_length=300, blank=True)
    review_on = models.DateField(_("复核日期"), null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)
    is_sought = models.BooleanField(default=False, editable=False)  # texts that name it were looked for since it came

    class Meta:
        verbose_name = _("法规制度")
        verbose_name_plural = _("法规制度")
        indexes = [models.Index(fields=["audience", "secrecy", "level"], name="regulation_visible")]

    def __str__(self) -> str:
        return self.title

    @property
    def short_title(self) -> str:
        """The title as people say it: without the name of the state in front."""
        return self.title.removeprefix("中华人民共和国") or self.title
