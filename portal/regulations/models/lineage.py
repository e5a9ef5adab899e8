"""Lineage: an article through all its versions, whatever its number. Permalinks, notes and citations point at it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField, new_short_code
from portal.regulations.models.regulation import Regulation


class Lineage(models.Model):
    """An article for ever. Each provision of a version belongs to one."""

    uid = UidField()
    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="lineages")
    code = models.CharField(max_length=20, default=new_short_code)

    class Meta:
        verbose_name = _("条文沿革")
        verbose_name_plural = _("条文沿革")
        constraints = [models.UniqueConstraint(fields=["regulation", "code"], name="lineage_code_in_regulation")]

    def __str__(self) -> str:
        return self.code


class LineageEdge(models.Model):
    """How one lineage went over into another. `similarity` is 0 to 1. Edges that a person drew or took away
    (`is_hidden`) survive any import."""

    class Kind(models.TextChoices):
        SAME = "same", _("未变")
        AMENDED = "amended", _("修改")
        SPLIT = "split", _("拆分")
        MERGED = "merged", _("合并")

    class DrawnBy(models.TextChoices):
        MACHINE = "machine", _("系统")
        PERSON = "person", _("人工")

    source = models.ForeignKey(Lineage, on_delete=models.CASCADE, related_name="edges_out")
    target = models.ForeignKey(Lineage, on_delete=models.CASCADE, related_name="edges_in")
    kind = models.CharField(max_length=10, choices=Kind)
    similarity = models.FloatField(default=0)
    drawn_by = models.CharField(max_length=10, choices=DrawnBy, default=DrawnBy.MACHINE)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("沿革关系")
        verbose_name_plural = _("沿革关系")
        constraints = [models.UniqueConstraint(fields=["source", "target", "kind"], name="lineage_edge_once")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"
