"""Seals: what was submitted, as a row that is never changed, chained by hash with the others of its organisation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.shared.fields import EncryptedTextField

HASH_LENGTH = 64


class Seal(models.Model):
    """One sealed version of one record. Holds no value of the record, only the digest over its salted digests.

    `chain` is an opaque key (`org:<organisation uid>`), `number` counts its entries from 1 without a gap. `happened_on` is
    the day of the event, `entered_at` the instant (and `entered_on` the business day) it was put in.
    """

    chain = models.CharField(max_length=80)
    number = models.PositiveBigIntegerField(_("序号"))
    kind = models.CharField(_("种类"), max_length=60)
    uid = models.CharField(max_length=60)
    version = models.PositiveIntegerField(_("版本"))
    happened_on = models.DateField(_("发生日期"))
    due_on = models.DateField(_("应录日期"), null=True, blank=True)
    entered_at = models.DateTimeField(_("录入时间"))
    entered_on = models.DateField(_("录入日期"))
    entered_by = models.CharField(_("录入人"), max_length=40, blank=True)
    content_digest = models.CharField(max_length=HASH_LENGTH)
    previous_hash = models.CharField(max_length=HASH_LENGTH)
    seal_hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        verbose_name = _("封存记录")
        verbose_name_plural = _("封存记录")
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="seal_number_once_per_chain"),
            models.UniqueConstraint(fields=["kind", "uid", "version"], name="seal_version_once"),
        ]
        indexes = [models.Index(fields=["chain", "entered_on"], name="seal_by_entry_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} v{self.version}"


class SealedContent(models.Model):
    """The values behind a seal, each with its salt, so that one can be erased and the rest still be proven.

    `fields`: {name: {"s": salt, "v": value}} for what is open; {name: {"d": digest}} for what is personal or was erased.
    `personal`: the personal values in the first form, encrypted as one text; keys turn by saving the row again.
    """

    seal = models.OneToOneField(Seal, on_delete=models.PROTECT, related_name="content")
    fields = models.JSONField(default=dict)
    personal = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("封存内容")
        verbose_name_plural = _("封存内容")

    def __str__(self) -> str:
        return str(self.seal_id)
