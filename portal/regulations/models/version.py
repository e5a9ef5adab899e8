"""One version of a work: a text with its dates, each date with where it comes from."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.regulations.models.regulation import Regulation

UNDATED = "undated"


class DateOrigin(models.TextChoices):
    """Where a date comes from. Unknown is an honest answer; a wrong date is a fault."""

    STATED = "stated", _("文本载明")
    DERIVED = "derived", _("推定")
    ENTERED = "entered", _("录入")
    UNKNOWN = "unknown", _("待核")


def _date_field(label: str) -> models.DateField:
    return models.DateField(label, null=True, blank=True)


def _origin_field() -> models.CharField:
    return models.CharField(max_length=10, choices=DateOrigin, default=DateOrigin.UNKNOWN)


class RegulationVersion(models.Model):
    """`key` names the version in addresses: its date, or "undated". `starts_on` is the day from which the version counts:
    the effective date, or while that is unknown the date of revision, promulgation or adoption (施行日期待核). `expires_on` is
    the first day on which a stated term has ended (失效). `corrections` is what persons corrected of the structure, in order."""

    wagtail_reference_index_ignore = True  # its uses are in `portal.references`; a tenth of an import went there

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        REVIEW = "review", _("待审核")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    uid = UidField()
    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="versions")
    key = models.CharField(_("版本"), max_length=12)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    adopted_on = _date_field(_("通过日期"))
    adopted_origin = _origin_field()
    promulgated_on = _date_field(_("公布日期"))
    promulgated_origin = _origin_field()
    revised_on = _date_field(_("修订日期"))
    revised_origin = _origin_field()
    effective_on = _date_field(_("施行日期"))
    effective_origin = _origin_field()
    expires_on = _date_field(_("失效日期"))
    expires_origin = _origin_field()
    file_date = _date_field(_("文件名中的日期"))
    starts_on = _date_field(_("起算日期"))
    document_number = models.CharField(_("文号"), max_length=200, blank=True)
    header = models.TextField(_("题注"), blank=True)
    source_path = models.CharField(_("来源文件"), max_length=1000, blank=True)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    article_count = models.PositiveIntegerField(_("条数"), default=0)
    characters = models.PositiveIntegerField(_("字数"), default=0)
    doubts = models.JSONField(_("疑点"), default=list, blank=True)
    corrections = models.JSONField(_("结构更正"), default=list, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    returned_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    verified_on = models.DateField(_("核对日期"), null=True, blank=True, editable=False)
    verified_source = models.CharField(_("核对依据"), max_length=300, blank=True)
    imported_at = models.DateTimeField(_("导入时间"), default=now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    read_at = models.DateTimeField(
        null=True, blank=True, editable=False
    )  # references, relations and terms were read out of it
    read_with = models.PositiveSmallIntegerField(default=0, editable=False)  # the state of the reader (linking.READER)
    withdrawn_reason = models.CharField(_("撤回原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("版本")
        verbose_name_plural = _("版本")
        constraints = [models.UniqueConstraint(fields=["regulation", "key"], name="regulation_version_key")]
        indexes = [
            models.Index(fields=["state", "starts_on"], name="regulation_version_starts"),
            models.Index(
                fields=["regulation"], name="regulation_version_unread", condition=models.Q(read_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regulation_id} @ {self.key}"

    @property
    def open_doubts(self) -> int:
        """How many doubts nobody has looked at."""
        return sum(not doubt.get("settled") for doubt in self.doubts)
