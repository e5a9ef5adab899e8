"""This site as others know it, and the sites it exchanges with."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Organisation


class OwnSite(models.Model):
    """The one row that says who we are to others. The keys are no row: they follow from the installation's exchange key."""

    single = models.BooleanField(default=True, unique=True, editable=False)
    uid = UidField()
    name = models.CharField(_("本站名称"), max_length=120)

    class Meta:
        verbose_name = _("本站")
        verbose_name_plural = _("本站")
        constraints = [models.CheckConstraint(condition=Q(single=True), name="exchange_own_site_is_single")]

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """Another site: its public keys, how it stands to us, and what it may send. Counts for nothing until its fingerprint was
    compared on another way and confirmed."""

    class Relation(models.TextChoices):
        SUPERIOR = "superior", _("上级站点")
        SUBORDINATE = "subordinate", _("下级站点")

    class State(models.TextChoices):
        WAITING = "waiting", _("待核对指纹")
        CONFIRMED = "confirmed", _("已确认")
        ENDED = "ended", _("已停用")

    uid = UidField()
    site_uid = models.UUIDField(unique=True, editable=False)
    name = models.CharField(_("对方名称"), max_length=120)
    sign_key = models.CharField(max_length=60, editable=False)
    seal_key = models.CharField(max_length=60, editable=False)
    relation = models.CharField(_("与本站的关系"), max_length=12, choices=Relation)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("对应的组织"),
        help_text=_("下级站点只能收发这个组织及其下级的数据。"),
    )
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    entered_at = models.DateTimeField(default=now, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    last_sent = models.PositiveIntegerField(default=0, editable=False)
    last_received = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("对方站点")
        verbose_name_plural = _("对方站点")
        constraints = [
            models.CheckConstraint(
                condition=Q(relation="superior") | Q(organisation__isnull=False),
                name="exchange_subordinate_has_its_subtree",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A sub-unit's site has a subtree."""
        if self.relation == self.Relation.SUBORDINATE and self.organisation is None:
            raise ValidationError({"organisation": _("下级站点要选定它对应的组织。")})
