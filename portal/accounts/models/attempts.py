"""Counting failed sign-ins."""

from django.db import models

from portal.accounts.models.user import User


class AttemptCounter(models.Model):
    """How often signing in failed for one key: a name typed from one address or device, or an address as a whole. The key is
    a keyed hash, so nothing that was typed (people type passwords into the wrong field) is kept. `user` is whose name it was, where it was anybody's, for lifting the pause; it decides nothing."""

    key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.failures}"
