"""How a person has arranged the workbench."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Arrangement(models.Model):
    """The keys of a person's cards in the chosen order, and of those put away. Cards named in neither stand where their
    contributors put them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="workbench_arrangement"
    )
    order = models.JSONField(default=list)
    hidden = models.JSONField(default=list)

    class Meta:
        verbose_name = _("工作台布局")
        verbose_name_plural = _("工作台布局")

    def __str__(self) -> str:
        return str(self.user)
