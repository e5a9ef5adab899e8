"""What every file has: an identity, an owner, an audience, a secrecy level."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField
from portal.organisations.domain.audiences import public_audience
from portal.organisations.models import Audience, Organisation


class OwnedFile(models.Model):
    """A file without an audience of its own gets the public one: what is not public must say so."""

    uid = UidField()
    owner_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任组织")
    )
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("可见范围")
    )
    secrecy = models.PositiveSmallIntegerField(_("级别"), default=0)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with an audience."""
        if self.audience_id is None:
            self.audience = public_audience()
        super().save(*args, **kwargs)
