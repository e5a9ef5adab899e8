"""Grants: a role in a subtree for a time."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q
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
    ADMIN = "admin", _("单位管理员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDITOR = "auditor", _("审计管理员")


# 等保 level 3 (GB/T 22239-2019, 8.1.4.2): system, security and audit administration are three people's work.
SEPARATED_DUTIES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class DutiesConflict(ValueError):
    """The person already is another of the three administrators; the message is for people."""


class RoleGrant(models.Model):
    """`user` has `role` in `organisation` and everything below it, from `valid_from` to `valid_to` (both included).

    A deputy's (代理) grant names the grant that it stands in for, and ends with it.
    """

    uid = UidField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants", verbose_name=_("人员")
    )
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="role_grants", verbose_name=_("范围")
    )
    valid_from = models.DateField(_("生效"), default=today)
    valid_to = models.DateField(_("到期"), null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    deputy_for = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="deputies"
    )
    reason = models.CharField(_("事由"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "organisation", "valid_from"], name="role_grant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} @ {self.organisation}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As usual, but never a second one of the three administrators' duties for the same person and time.

        Raises DutiesConflict. Two grants at the same moment wait for each other at the person's row.
        """
        if self.role not in SEPARATED_DUTIES:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            get_user_model().objects.select_for_update().get(pk=self.user_id)
            self.refuse_conflicting_duties()
            super().save(*args, **kwargs)

    def refuse_conflicting_duties(self) -> None:
        """Raise DutiesConflict when the person holds another of the three duties at any time of this grant."""
        if self.role not in SEPARATED_DUTIES:
            return
        others = RoleGrant.objects.filter(user_id=self.user_id, role__in=SEPARATED_DUTIES - {self.role})
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=self.valid_from))
        if self.valid_to is not None:
            others = others.filter(valid_from__lte=self.valid_to)
        other = others.exclude(pk=self.pk).first()
        if other is not None:
            message = _("这个账号已经是%(role)s。系统、安全、审计三类管理员必须由不同的人担任。")
            raise DutiesConflict(message % {"role": other.get_role_display()})
