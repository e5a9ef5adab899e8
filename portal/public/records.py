"""Sealed records: what was submitted is never changed; a correction is a new version with who, when and why.

No model is imported when this module is.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

from django.apps import apps


@dataclasses.dataclass(frozen=True)
class SealedVersion:
    """A version of a record. `content` holds what has not been erased; `erased` names the rest. `happened_on` is the day of the
    matter, `entered_at` the moment of entering; `reason` says why it corrects the one before."""

    number: int
    content: Mapping[str, Any]
    happened_on: dt.date
    entered_at: dt.datetime
    entered_by: str
    reason: str
    erased: frozenset[str]


def seal(
    kind: str,
    uid: uuid.UUID,
    organisation_id: int,
    content: Mapping[str, Any],
    *,
    happened_on: dt.date,
    entered_by: Any,
    reason: str = "",
    personal: Collection[str] = (),
) -> int:
    """Seal the record `uid` of `kind` ("<slug>.minutes") as it is now, in the chain of its organisation; the number of the version.

    The same uid again is the next version and needs a `reason`. `content` holds texts, whole numbers, Decimals, dates, truth values,
    None, lists and dicts of them; the fields named in `personal` are encrypted and can be erased. Runs in the caller's transaction. Raises ValueError
    for content that cannot be sealed, a kind without the slug, and a later version without a reason; DoesNotExist for no such
    organisation.
    """
    if "." not in kind:
        raise ValueError(f'the kind "{kind}" must begin with the slug of the plugin and a point')
    made = _sealing().seal(
        kind,
        uid,
        _chain_of(organisation_id),
        content,
        happened_on=happened_on,
        entered_by=entered_by,
        reason=reason,
        personal=personal,
    )
    return int(made.version)


def submit(record: Any, *, by: Any) -> int:
    """Submit a draft of a `portal.public.models.SealedRecord`: saves and seals it; its version, 1. Raises AlreadySubmitted."""
    return int(_submitting().submit(record, by=by).version)


def amend(record: Any, changes: Mapping[str, Any], *, by: Any, reason: str) -> int:
    """Set fields of a submitted `SealedRecord` and seal the result as its next version, whose number it gives.

    Raises NotSubmitted for a draft, ReasonMissing without a reason, VersionOvertaken when the record in hand is not the newest.
    """
    return int(_submitting().amend(record, changes, by=by, reason=reason).version)


def versions_of(kind: str, uid: uuid.UUID) -> list[SealedVersion]:
    """All versions of a record, oldest first. Two queries."""
    return [
        SealedVersion(
            number=version.seal.version,
            content=version.content,
            happened_on=version.seal.happened_on,
            entered_at=version.seal.entered_at,
            entered_by=version.seal.entered_by,
            reason=version.reason,
            erased=version.erased,
        )
        for version in _sealing().versions_of(kind, uid)
    ]


def faults_in_chain(organisation_id: int) -> list[str]:
    """What does not fit in the chain of an organisation's sealed records, a line each; empty when all is as it was sealed."""
    return [
        f"{fault.number}: {fault.kind} {fault.detail}" for fault in _sealing().verify_chain(_chain_of(organisation_id))
    ]


def erase_personal(kind: str, uid: uuid.UUID, *, by: Any) -> int:
    """Erase the personal values of all versions of a record, for the plugin's `PersonalData`; how many. The seals stay provable."""
    return int(_sealing().erase_personal(kind, uid, by=by))


def _sealing() -> Any:
    return import_module("portal.records.domain.sealing")


def _submitting() -> Any:
    return import_module("portal.records.domain.submitting")


def _chain_of(organisation_id: int) -> str:
    row = apps.get_model("organisations", "Organisation")._default_manager.get(pk=organisation_id)
    return f"org:{row.uid}"
