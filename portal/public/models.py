"""Abstract models and fields for plugins' own tables. Foreign keys to the core are written as strings."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.signals import class_prepared
from django.utils.translation import gettext_lazy as _

from plugins.sdk.ids import UidField, new_uid
from portal.public import facts
from portal.records.models.sealed import SealedRecord, SealedRowsStay
from portal.records.triggers import SEALED_TABLES

__all__ = ["Addressed", "Sealed", "SealedRecord", "SealedRowsStay", "UidField", "Visible", "new_uid"]


class Addressed(models.Model):
    """A row with a `uid`, for everything that has an address, is sent or is exchanged."""

    uid = UidField()

    class Meta:
        abstract = True


class Visible(Addressed):
    """A row with an owner, an audience and a secrecy level; read it through `facts.visible_filter(user)`.

    Without an audience of its own it is for signed-in people.
    """

    owner_organisation = models.ForeignKey(
        "organisations.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("责任组织"),
    )
    audience = models.ForeignKey(
        "organisations.Audience",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("可见范围"),
    )
    secrecy = models.PositiveSmallIntegerField(
        _("级别"), default=0, choices=[(0, _("公开")), (1, _("内部")), (2, _("受控")), (3, _("严格受控"))]
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with an audience."""
        if self.audience_id is None:  # type: ignore[has-type]
            self.audience_id = facts.members_audience_id()
        super().save(*args, **kwargs)


class Sealed(models.Model):
    """Rows that are written once: Python refuses to change or delete them, and so does a trigger in the database."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert. Raises SealedRowsStay for a row that is there already."""
        if not self._state.adding:
            raise SealedRowsStay(self._meta.label)
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises SealedRowsStay."""
        raise SealedRowsStay(self._meta.label)


def _remember_sealed_table(sender: Any, **_kwargs: Any) -> None:
    if issubclass(sender, Sealed) and not sender._meta.abstract and sender.__module__ != "__fake__":
        table = sender._meta.db_table
        if table not in SEALED_TABLES:
            SEALED_TABLES.append(table)


class_prepared.connect(_remember_sealed_table, dispatch_uid="portal.public.models.sealed")
