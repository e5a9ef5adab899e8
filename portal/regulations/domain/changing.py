"""Changing what is known of a work, apart from its text."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.content import content_changed
from portal.regulations.domain.titles import title_key
from portal.regulations.models import Regulation


def change_regulation(regulation: Regulation, *, actor: Any = None) -> Regulation:
    """Save a work whose fields were changed. Writes an audit line; emits `content.changed`."""
    with transaction.atomic():
        regulation.title_key = title_key(regulation.title)[:300]
        regulation.updated_at = now()
        regulation.save()
        audit(actor, "regulations.changed", target_kind="regulation", target_uid=regulation.uid)
        content_changed("regulation", regulation.uid)
    return regulation
