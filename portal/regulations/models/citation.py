"""A reference inside a text: which characters of which article speak of which place."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField
from portal.regulations.models.lineage import Lineage
from portal.regulations.models.regulation import Regulation
from portal.regulations.models.version import RegulationVersion


class Citation(models.Model):
    """`start` to `end` are characters of the article's text, `quote` what stands there. `target` is None while the library does
    not hold the work with `title_key`. `path` is the place as the text names it, `until` the last of a range. What a person
    made or took away (`is_hidden`) survives any reading anew."""

    class DrawnBy(models.TextChoices):
        MACHINE = "machine", _("系统")
        PERSON = "person", _("人工")

    uid = UidField()
    version = models.ForeignKey(RegulationVersion, on_delete=models.CASCADE, related_name="citations")
    source = models.ForeignKey(Lineage, on_delete=models.CASCADE, related_name="citations_out")
    source_path = models.CharField(max_length=120)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.CharField(max_length=200)
    title_key = models.CharField(max_length=300, db_index=True)
    target = models.ForeignKey(Regulation, on_delete=models.SET_NULL, null=True, related_name="citations_in")
    target_lineage = models.ForeignKey(Lineage, on_delete=models.SET_NULL, null=True, related_name="citations_in")
    path = models.CharField(max_length=120, blank=True)
    until = models.CharField(max_length=120, blank=True)
    drawn_by = models.CharField(max_length=10, choices=DrawnBy, default=DrawnBy.MACHINE)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("条文引用")
        verbose_name_plural = _("条文引用")
        indexes = [
            models.Index(fields=["version", "source_path"], name="citation_in_text"),
            models.Index(fields=["target_lineage", "version"], name="citation_of_article"),
        ]

    def __str__(self) -> str:
        return f"{self.quote} → {self.title_key} {self.path}"
