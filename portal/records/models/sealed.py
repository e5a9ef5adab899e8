"""The abstract record that is sealed when it is submitted. Its operations are in `portal.records.domain.submitting`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.signals import class_prepared
from django.utils.translation import gettext_lazy as _

from portal.ground.ids import UidField
from portal.records.triggers import VERSIONED_TABLES


class SealedRowsStay(Exception):
    """A submitted record was to be changed or deleted directly; write a new version instead."""


class SealedRecord(models.Model):
    """A draft until it is submitted; from then on every change is a new sealed version.

    A subclass says its `sealed_kind`, which of its fields are `sealed_fields` and which of those `personal_fields`, and
    gives `sealed_chain()`. Its row holds the newest version; Python and a trigger in the database refuse to change or
    delete it without a new seal.
    """

    sealed_kind: ClassVar[str]
    sealed_fields: ClassVar[tuple[str, ...]] = ()
    personal_fields: ClassVar[tuple[str, ...]] = ()

    uid = UidField()
    happened_on = models.DateField(_("发生日期"))
    due_on = models.DateField(_("应录日期"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True, editable=False)
    seal_version = models.PositiveIntegerField(_("版本"), default=0, editable=False)

    class Meta:
        abstract = True

    _sealing = False

    @property
    def is_submitted(self) -> bool:
        """Whether it is sealed."""
        return self.seal_version > 0

    def sealed_chain(self) -> str:
        """The key of the chain it belongs to, such as `org:<organisation uid>`."""
        raise NotImplementedError

    def sealed_content(self) -> dict[str, Any]:
        """The values that are sealed; foreign keys as their column says."""
        return {name: getattr(self, self._meta.get_field(name).attname) for name in self.sealed_fields}

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a draft. Raises SealedRowsStay once it is submitted."""
        if self.is_submitted and not self._sealing:
            raise SealedRowsStay(f"{self._meta.label} {self.uid}")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete a draft. Raises SealedRowsStay once it is submitted."""
        if self.is_submitted:
            raise SealedRowsStay(f"{self._meta.label} {self.uid}")
        return super().delete(*args, **kwargs)


def _remember_table(sender: Any, **_kwargs: Any) -> None:
    if issubclass(sender, SealedRecord) and not sender._meta.abstract and sender.__module__ != "__fake__":
        table = sender._meta.db_table
        if table not in VERSIONED_TABLES:
            VERSIONED_TABLES.append(table)


class_prepared.connect(_remember_table, dispatch_uid="portal.records.models.sealed")
