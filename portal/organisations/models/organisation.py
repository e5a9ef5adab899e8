"""The tree of party organisations (党组织) and the posts in them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from portal.ground.ids import UidField
from portal.shared.slugs import pinyin_key

_BEYOND = "Z" * 12  # after any path below: each four are the 1,679,615th child


def subtree_filter(path: str, field: str = "path") -> Q:
    """A filter for the organisation at `path` and all below it; `field` leads to a tree path.

    A range, because SQLite uses no index for LIKE, nor PostgreSQL in most collations. Paths are of 0-9 and A-Z, which every
    collation sorts alike; the upper end is close, so that PostgreSQL guesses well how many rows lie between.
    """
    return Q(**{f"{field}__gte": path, f"{field}__lte": path + _BEYOND})


class OrganisationQuerySet(MP_NodeQuerySet):
    def current(self) -> "OrganisationQuerySet":
        """Those that have not been dissolved."""
        return self.filter(ended_on__isnull=True)

    def within(self, organisations) -> "OrganisationQuerySet":
        """The given organisations and all below them."""
        condition = Q(pk__in=[])
        for organisation in organisations:
            condition |= subtree_filter(organisation.path)
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
    """A node of 党委 – 党总支 – 党支部 – 党小组, or of a league tree beside it. Nothing is deleted: it ends."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", _("党委")
        GENERAL_BRANCH = "general_branch", _("党总支")
        BRANCH = "branch", _("党支部")
        JOINT_BRANCH = "joint_branch", _("联合党支部")
        TEMPORARY_BRANCH = "temporary_branch", _("临时党支部")
        GROUP = "group", _("党小组")
        LEAGUE_COMMITTEE = "league_committee", _("团委")
        LEAGUE_GENERAL_BRANCH = "league_general_branch", _("团总支")
        LEAGUE_BRANCH = "league_branch", _("团支部")

    BRANCH_KINDS = (Kind.BRANCH, Kind.JOINT_BRANCH, Kind.TEMPORARY_BRANCH)
    LEAGUE_KINDS = (Kind.LEAGUE_COMMITTEE, Kind.LEAGUE_GENERAL_BRANCH, Kind.LEAGUE_BRANCH)

    uid = UidField()
    code = models.CharField(_("组织编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    kind = models.CharField(_("类别"), max_length=24, choices=Kind)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    ended_on = models.DateField(_("撤销日期"), null=True, blank=True)
    introduction = models.TextField(_("简介"), blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    contact = models.CharField(
        _("联系方式"), max_length=100, blank=True, help_text=_("办公电话或信箱，登录后可见；请勿填写个人手机号码。")
    )
    latitude = models.DecimalField(
        _("纬度"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("经度"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    attached_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="league_organisations",
        verbose_name=_("所属党组织"),
        help_text=_("团组织受哪一个党组织领导。"),
    )
    pinyin = models.CharField(max_length=700, blank=True, editable=False)

    objects = OrganisationManager()

    class Meta:
        verbose_name = _("党组织")
        verbose_name_plural = _("党组织")
        constraints = [
            models.CheckConstraint(
                name="organisation_place_is_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,  # a comparison with NULL is neither true nor false, and a check takes it
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    def save(self, *args, **kwargs) -> None:
        """Keep the search key beside the names."""
        key = pinyin_key(self.name, self.short_name)
        if key != self.pinyin:
            self.pinyin = key
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "pinyin"}
        super().save(*args, **kwargs)

    @property
    def is_league(self) -> bool:
        """Whether it belongs to the league beside the party."""
        return self.kind in self.LEAGUE_KINDS

    @property
    def parent_path(self) -> str:
        """The tree path of what stands above, empty at the top."""
        return self.path[: -self.steplen]

    def ancestor_ids(self) -> list[int]:
        """Primary keys of this organisation and all above it: one query."""
        return list(Organisation.objects.filter(path__in=paths_up(self.path)).values_list("pk", flat=True))

    def is_within(self, other: "Organisation") -> bool:
        """Whether this is `other` or lies below it."""
        return self.path.startswith(other.path)


def paths_up(path: str) -> list[str]:
    """The tree paths from the top down to `path`, itself included."""
    step = Organisation.steplen
    return [path[:length] for length in range(step, len(path) + 1, step)]
