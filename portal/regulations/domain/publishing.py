"""Publishing, withdrawing and repealing. Withdrawn means published by mistake: gone from every list, kept for auditors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from plugins.sdk import publish as publish_event
from portal.events.regulations import RegulationPublished
from portal.ground.audit import audit
from portal.ground.clock import now, today
from portal.ground.content import content_changed
from portal.regulations.models import Regulation, RegulationVersion, Relation


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

    Emits `content.changed`; writes an audit line.
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
        audit(
            actor, "regulations.withdraw", target_kind="regulation_version", target_uid=version.uid, reason=reason[:300]
        )
        content_changed("regulation", version.regulation.uid)
    return version


def repeal(regulation: Regulation, *, on: dt.date | None, note: str = "", actor: Any = None) -> Regulation:
    """Set (or with None take back) the day from which a work no longer holds. All its views stay. Emits `content.changed`."""
    with transaction.atomic():
        regulation = Regulation.objects.select_for_update().get(pk=regulation.pk)
        regulation.repealed_on = on
        regulation.repeal_note = note[:300]
        regulation.updated_at = now()
        regulation.save(update_fields=["repealed_on", "repeal_note", "updated_at"])
        audit(
            actor,
            "regulations.repeal",
            target_kind="regulation",
            target_uid=regulation.uid,
            on=on.isoformat() if on else "",
        )
        content_changed("regulation", regulation.uid)
    return regulation


def decide_relation(relation: Relation, *, confirm: bool, actor: Any = None) -> Relation:
    """Confirm or reject what the machine read of two works. A confirmed repeal of a work that the library holds ends it on the
    day stated (today without one, unless an earlier day is known). Writes an audit line; emits `content.changed`."""
    with transaction.atomic():
        relation = (
            Relation.objects.select_for_update(of=("self",)).select_related("target", "source").get(pk=relation.pk)
        )
        relation.state = Relation.State.CONFIRMED if confirm else Relation.State.REJECTED
        relation.save(update_fields=["state"])
        audit(
            actor,
            "regulations.relation",
            target_kind="regulation",
            target_uid=relation.source.uid,
            relation=relation.kind,
            title=relation.title,
            state=relation.state,
        )
        content_changed("regulation", relation.source.uid)
        target = relation.target
        repeals = relation.kind in (Relation.Kind.REPEALS, Relation.Kind.SUPERSEDES)
        if confirm and repeals and target is not None and target.repealed_on is None:
            note = f"《{relation.source.title}》：{relation.quote}"
            repeal(target, on=relation.on or today(), note=note, actor=actor)
    return relation
