"""To whom something is said when no names are given: a rule that is read when it is needed."""

from django.conf import settings
from django.db import models

from portal.organisations.models import Organisation


class Addressed(models.Model):
    """Whoever holds `right` in `organisation`, but `except_user`. By default the nearest level that has somebody; with
    `every_level` those above as well. Without a right it is said to named people."""

    right = models.CharField(max_length=100, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    every_level = models.BooleanField(default=False)
    except_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        abstract = True
