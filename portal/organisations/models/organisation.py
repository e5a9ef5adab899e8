"""The tree of party organisations (党组织) and the posts in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from portal.ground.clock import today
from portal.ground.ids import UidField


class OrganisationQuerySet(MP_NodeQuerySet):
    def current(self) -> "OrganisationQuerySet":
        """Those that have not been dissolved."""
        return self.filter(ended_on__isnull=True)

    def within(self, organisations) -> "OrganisationQuerySet":
        """The given organisations and all below them."""
        condition = Q(pk__in=[])
        for organisation in organisations:
            condition |= Q(path__startswith=organisation.path)
        return self.filter(condition)


class OrganisationManager(MP_NodeManager):
    def get_queryset(self) -> OrganisationQuerySet:
        """In tree order."""
        return OrganisationQuerySet(self.model, using=self._db).order_by("path")

    def current(self) -> OrganisationQuerySet:
        """Those that have not been dissolved."""
        return self.get_queryset().current()

    def within(self, organisations) -> OrganisationQuerySet:
        """The given organisations and all below them."""
        return self.get_queryset().within(organisations)


class Organisation(MP_Node):
    """A node of 党委 – 党总支 – 党支部 – 党小组. Nothing is deleted: it ends."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", _("党委")
        GENERAL_BRANCH = "general_branch", _("党总支")
        BRANCH = "branch", _("党支部")
        GROUP = "group", _("党小组")

    uid = UidField()
    code = models.CharField(_("组织编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    kind = models.CharField(_("类别"), max_length=20, choices=Kind)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    ended_on = models.DateField(_("撤销日期"), null=True, blank=True)
    introduction = models.TextField(_("简介"), blank=True)

    objects = OrganisationManager()

    class Meta:
        verbose_name = _("党组织")
        verbose_name_plural = _("党组织")

    def __str__(self) -> str:
        return self.short_name or self.name

    def ancestor_ids(self) -> list[int]:
        """Primary keys of this organisation and all above it: one query."""
        steps = range(self.steplen, len(self.path) + 1, self.steplen)
        paths = [self.path[:length] for length in steps]
        return list(Organisation.objects.filter(path__in=paths).values_list("pk", flat=True))

    def is_within(self, other: "Organisation") -> bool:
        """Whether this is `other` or lies below it."""
        return self.path.startswith(other.path)


class Post(models.Model):
    """A member's post (书记, 副书记, 组织委员 …) in an organisation, with its term."""

    class Kind(models.TextChoices):
        SECRETARY = "secretary", _("书记")
        DEPUTY_SECRETARY = "deputy_secretary", _("副书记")
        ORGANISATION_COMMISSIONER = "organisation_commissioner", _("组织委员")
        PUBLICITY_COMMISSIONER = "publicity_commissioner", _("宣传委员")
        DISCIPLINE_COMMISSIONER = "discipline_commissioner", _("纪检委员")

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
