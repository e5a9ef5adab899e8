"""The second factor: an authenticator app, and codes for the day it is lost."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.user import User
from portal.shared.fields import EncryptedTextField


class Authenticator(models.Model):
    """The secret shared with a person's authenticator app (RFC 6238, 6 digits, 30 s). Counts once `confirmed_at` is set.

    `last_step` is the time step of the last code that was accepted: no code opens twice.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    secret = EncryptedTextField()
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("动态口令")
        verbose_name_plural = _("动态口令")

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """A code that stands for the authenticator once. Only its keyed hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.user_id}"
