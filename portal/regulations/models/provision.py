"""A piece of a version: preamble, heading, article, annex. Paragraphs (款) and items (项) are lines of an article's text."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField
from portal.regulations.models.lineage import Lineage
from portal.regulations.models.version import RegulationVersion


class Provision(models.Model):
    """`position` is the order in the version, `depth` the level below the top, `path` the address in it (art53-1, an1/art3).

    `label` is as it stands in the source, `text` one line a paragraph; `heading_path` holds the headings above, one a line.
    `line_kinds` tells of each line of `text`, in one character, what a person said that it is: `p` a paragraph (款), `i` an
    item (项), `s` a subitem (目), `-` what the mark at its start tells; empty where nobody said anything.
    """

    uid = UidField()
    version = models.ForeignKey(RegulationVersion, on_delete=models.CASCADE, related_name="provisions")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    lineage = models.ForeignKey(Lineage, on_delete=models.RESTRICT, null=True, blank=True, related_name="provisions")
    position = models.PositiveIntegerField()
    depth = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("种类"), max_length=12)
    number = models.PositiveIntegerField(null=True, blank=True)
    sub_number = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=100, blank=True)
    heading = models.TextField(blank=True)
    path = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    line_kinds = models.TextField(blank=True, default="")
    text_hash = models.CharField(max_length=32, blank=True)
    heading_path = models.TextField(blank=True)
    in_annex = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("条文")
        verbose_name_plural = _("条文")
        constraints = [
            models.UniqueConstraint(fields=["version", "path"], name="provision_path_in_version"),
            models.UniqueConstraint(fields=["version", "position"], name="provision_position_in_version"),
        ]
        indexes = [models.Index(fields=["lineage", "version"], name="provision_by_lineage")]

    def __str__(self) -> str:
        return f"{self.label} {self.heading}".strip() or self.path
