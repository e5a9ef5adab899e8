"""Passwords that were used before."""

from django.db import models

from portal.accounts.models.user import User


class OldPassword(models.Model):
    """The hash of a password somebody had or has, so that it is not chosen again too soon."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="old_passwords")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-set_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.set_at:%Y-%m-%d}"
