"""How one work stands to another: amends, repeals, supersedes, is based on, implements, interprets."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.regulations.models.regulation import Regulation
from portal.regulations.models.version import RegulationVersion


class Relation(models.Model):
    """`source` does `kind` to the work called `title`; `target` is None while the library does not hold it. What the machine
    reads out of a text is proposed until a person confirms or rejects it; `on` is the day from which it holds."""

    class Kind(models.TextChoices):
        AMENDS = "amends", _("修改")
        REPEALS = "repeals", _("废止")
        SUPERSEDES = "supersedes", _("取代")
        BASED_ON = "based_on", _("依据")
        IMPLEMENTS = "implements", _("实施")
        INTERPRETS = "interprets", _("解释")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        REJECTED = "rejected", _("已否决")

    class DrawnBy(models.TextChoices):
        MACHINE = "machine", _("系统")
        PERSON = "person", _("人工")

    uid = UidField()
    source = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="relations_out")
    version = models.ForeignKey(RegulationVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    target = models.ForeignKey(Regulation, on_delete=models.CASCADE, null=True, related_name="relations_in")
    title = models.CharField(max_length=300)
    title_key = models.CharField(max_length=300, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    on = models.DateField(null=True)
    drawn_by = models.CharField(max_length=10, choices=DrawnBy, default=DrawnBy.MACHINE)
    quote = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("法规关系")
        verbose_name_plural = _("法规关系")
        constraints = [
            models.UniqueConstraint(fields=["source", "title_key", "kind"], name="regulation_relation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.title}"
