"""Sealed notes on what a person says of the status of a work."""

from __future__ import annotations

from typing import Any

from portal.ground.clock import today
from portal.records.domain.sealing import seal
from portal.regulations.models import Regulation

SEALED_AS = "regulation.standing"
COMMON = "regulations"  # the chain of works that belong to no organisation


def seal_standing(work: Regulation, content: dict[str, Any], *, note: str, actor: Any) -> None:
    """Seal what a person says of the status of a work, in the open transaction."""
    chain = f"org:{work.owner_organisation.uid}" if work.owner_organisation else COMMON
    who = actor if actor is not None else "system"
    seal(SEALED_AS, work.uid, chain, {"title": work.title, **content}, happened_on=today(), entered_by=who, reason=note)
