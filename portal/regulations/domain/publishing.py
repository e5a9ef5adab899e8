"""Publishing and withdrawing. Withdrawn means published by mistake: gone from every list, kept for auditors."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from plugins.sdk import publish as publish_event
from portal.events.regulations import RegulationPublished
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.content import content_changed
from portal.regulations.domain.noting import seal_standing
from portal.regulations.models import RegulationVersion


class NotPossible(Exception):
    """The version is not in a state for this; `str()` is a Chinese sentence."""


def publish(version: RegulationVersion, *, actor: Any = None) -> RegulationVersion:
    """Make a draft or withdrawn version visible. Safe to repeat. Emits RegulationPublished and `content.changed`."""
    with transaction.atomic():
        version = RegulationVersion.objects.select_for_update().get(pk=version.pk)
        if version.state != RegulationVersion.State.PUBLISHED:
            publish_in_transaction(version, actor)
            content_changed("regulation", version.regulation.uid)
    return version


def publish_in_transaction(version: RegulationVersion, actor: Any) -> None:
    """The part of publishing that an import does in its own transaction, without `content.changed`."""
    version.state = RegulationVersion.State.PUBLISHED
    version.published_at = now()
    version.withdrawn_reason = ""
    version.save(update_fields=["state", "published_at", "withdrawn_reason"])
    publish_event(
        RegulationPublished(
            regulation_uid=version.regulation.uid,
            version_uid=version.uid,
            title=version.regulation.title,
            in_force_from=version.effective_on,
            occurred_at=version.published_at,
        )
    )
    if actor is not None:
        audit(
            actor, "regulations.publish", target_kind="regulation_version", target_uid=version.uid, version=version.key
        )


def withdraw(version: RegulationVersion, *, reason: str, actor: Any = None) -> RegulationVersion:
    """Take back a version that was published by mistake. Raises NotPossible without a reason or if it is not published.

    Emits `content.changed`; writes a sealed note and an audit line.
    """
    if not reason.strip():
        raise NotPossible("撤回需要写明原因。")
    with transaction.atomic():
        version = RegulationVersion.objects.select_for_update().get(pk=version.pk)
        if version.state != RegulationVersion.State.PUBLISHED:
            raise NotPossible("只有已发布的版本才能撤回。")
        version.state = RegulationVersion.State.WITHDRAWN
        version.withdrawn_reason = reason.strip()[:300]
        version.save(update_fields=["state", "withdrawn_reason"])
        seal_standing(
            version.regulation, {"version": version.key, "withdrawn": True}, note=version.withdrawn_reason, actor=actor
        )
        audit(
            actor, "regulations.withdraw", target_kind="regulation_version", target_uid=version.uid, reason=reason[:300]
        )
        content_changed("regulation", version.regulation.uid)
    return version
