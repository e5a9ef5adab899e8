"""Who somebody is in the unit's own identity service."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.user import User


class ExternalIdentity(models.Model):
    """A person of an identity service who is a user here. Made at the first sign-in through it, by a claim that names one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(_("来源"), max_length=40)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("外部身份")
        verbose_name_plural = _("外部身份")
        constraints = [models.UniqueConstraint(fields=["provider", "subject"], name="external_identity_once")]

    def __str__(self) -> str:
        return f"{self.provider} → {self.user}"
