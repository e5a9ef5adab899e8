"""Submitting a `SealedRecord`, and putting a submitted one right by a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from portal.ground.clock import now
from portal.records.domain.digests import plain_content
from portal.records.domain.sealing import Attachment, seal, versions_of
from portal.records.models import Seal
from portal.records.models.sealed import SealedRecord


class AlreadySubmitted(Exception):
    """The record was submitted before; use `amend`."""


class NotSubmitted(Exception):
    """The record is still a draft; change and save it."""


def submit(record: SealedRecord, *, by: Any, attachments: Sequence[Attachment] = ()) -> Seal:
    """Submit a draft: saves and seals it as version 1. Raises AlreadySubmitted, also when another did it meanwhile."""
    with transaction.atomic():
        if record.is_submitted or _stored_version(record):
            raise AlreadySubmitted(str(record.uid))
        record.submitted_at = now()
        return _sealed(record, by=by, reason="", attachments=attachments)


def amend(
    record: SealedRecord, changes: Mapping[str, Any], *, by: Any, reason: str, attachments: Sequence[Attachment] = ()
) -> Seal:
    """Set fields of a submitted record and seal the result as its next version, with who, when and why.

    Raises NotSubmitted for a draft, ReasonMissing without a reason, VersionOvertaken when the record in hand is not the newest.
    """
    with transaction.atomic():
        if not record.is_submitted:
            raise NotSubmitted(str(record.uid))
        for name, value in changes.items():
            setattr(record, name, value)
        return _sealed(record, by=by, reason=reason, attachments=attachments)


def _stored_version(record: SealedRecord) -> int:
    if record._state.adding:
        return 0
    rows = type(record)._base_manager.select_for_update().filter(pk=record.pk)
    return rows.values_list("seal_version", flat=True).first() or 0


def _sealed(record: SealedRecord, *, by: Any, reason: str, attachments: Sequence[Attachment]) -> Seal:
    before = record.seal_version
    record.seal_version = before + 1
    record._sealing = True
    try:
        made = seal(
            record.sealed_kind,
            record.uid,
            record.sealed_chain(),
            record.sealed_content(),
            happened_on=record.happened_on,
            due_on=record.due_on,
            entered_by=by,
            reason=reason,
            attachments=attachments,
            personal=record.personal_fields,
            expected_version=before,
        )
        record.save()
    except BaseException:
        record.seal_version = before
        raise
    finally:
        record._sealing = False
    return made


def unsealed_changes(record: SealedRecord) -> tuple[str, ...]:
    """Names of sealed fields in which the stored row differs from its newest seal; `seal_version` when that one differs.

    Empty for an untouched record. Reads the row anew; what was erased is not compared.
    """
    stored = type(record)._base_manager.get(pk=record.pk)
    versions = versions_of(record.sealed_kind, record.uid)
    if not versions:
        return ("seal_version",) if stored.is_submitted else ()
    newest = versions[-1]
    found = [] if stored.seal_version == newest.seal.version else ["seal_version"]
    present = plain_content(stored.sealed_content())
    found += [name for name in present if name not in newest.erased and present[name] != newest.content.get(name)]
    return tuple(found)
