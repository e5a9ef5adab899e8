"""Which organisation looks after an account."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.organisations.models import Organisation


class AccountHome(models.Model):
    """The organisation that an account was opened for. Where the person has a member file, that file's organisation counts."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="home")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("所属组织")
    )

    class Meta:
        verbose_name = _("账号归属")
        verbose_name_plural = _("账号归属")

    def __str__(self) -> str:
        return f"{self.user} @ {self.organisation}"
