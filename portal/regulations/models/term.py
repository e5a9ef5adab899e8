"""A defined term: words that a text gives a meaning of its own (本办法所称…是指)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField
from portal.regulations.models.lineage import Lineage
from portal.regulations.models.version import RegulationVersion


class DefinedTerm(models.Model):
    """`definition` is the sentence as it stands at `start` to `end` of the article's text; `scope` is how far it holds. What
    a person entered or took away (`is_hidden`) survives any reading anew, and a later version that says the same."""

    class Scope(models.TextChoices):
        WORK = "work", _("全文")
        CHAPTER = "chapter", _("本章")
        ARTICLE = "article", _("本条")

    class DrawnBy(models.TextChoices):
        MACHINE = "machine", _("系统")
        PERSON = "person", _("人工")

    uid = UidField()
    version = models.ForeignKey(RegulationVersion, on_delete=models.CASCADE, related_name="terms")
    lineage = models.ForeignKey(Lineage, on_delete=models.CASCADE, related_name="terms")
    path = models.CharField(max_length=120)
    term = models.CharField(_("术语"), max_length=60)
    definition = models.TextField(_("定义"))
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    scope = models.CharField(_("适用范围"), max_length=10, choices=Scope, default=Scope.WORK)
    drawn_by = models.CharField(max_length=10, choices=DrawnBy, default=DrawnBy.MACHINE)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("术语定义")
        verbose_name_plural = _("术语定义")
        constraints = [models.UniqueConstraint(fields=["version", "path", "term"], name="defined_term_once")]

    def __str__(self) -> str:
        return self.term
