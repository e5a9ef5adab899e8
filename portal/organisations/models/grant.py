"""Grants: a role in a subtree for a time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.ground.clock import today
from portal.ground.ids import UidField
from portal.organisations.models.organisation import Organisation


class Role(models.TextChoices):
    """What a person does for an organisation. What each role may do is declared by the apps (`domain.rights.give`)."""

    MEMBER = "member", _("党员")
    SECRETARY = "secretary", _("支部书记")
    EDITOR = "editor", _("编辑")
    REVIEWER = "reviewer", pgettext_lazy("role", "审核")
    ADMIN = "admin", _("管理员")
    AUDITOR = "auditor", _("审计")


class RoleGrant(models.Model):
    """`user` has `role` in `organisation` and everything below it, from `valid_from` to `valid_to` (both included)."""

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="role_grants", verbose_name=_("范围")
    )
    valid_from = models.DateField(_("生效"), default=today)
    valid_to = models.DateField(_("到期"), null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "organisation", "valid_from"], name="role_grant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} @ {self.organisation}"
