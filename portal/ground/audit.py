"""One line of the audit trail, from any layer. `portal.records` turns it into the chained trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal.ground.clock import now
from portal.ground.outbox import emit


def audit(actor: Any, action: str, *, target_kind: str = "", target_uid: Any = "", **detail: Any) -> None:
    """Write who did what to what, in the open transaction (or one of its own). `detail` is small JSON without personal data.

    Emits `audit.line` once.
    """
    with transaction.atomic():
        emit(
            "audit.line",
            {
                "actor": str(getattr(actor, "uid", "") or ""),
                "action": action,
                "target_kind": target_kind,
                "target_uid": str(target_uid),
                "at": now().isoformat(),
                "detail": detail,
            },
        )
