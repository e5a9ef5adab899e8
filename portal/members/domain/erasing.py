"""Erasing a person who has left: every app removes what may go and says what stays and why (个人信息保护法, article 47)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal.ground.audit import audit
from portal.ground.personal import Erased, holders
from portal.members.domain.files import SHORTEST_REASON, ReasonMissing
from portal.members.domain.timeline import person_of
from portal.organisations.models import Member


class NotLeft(ValueError):
    """Somebody who belongs to an organisation is not erased: the register would be wrong."""


def erase_person(member: Member, *, actor: Any, reason: str) -> dict[str, Erased]:
    """Erase what is held about a member who has left: what each app did, by name. Raises NotLeft, ReasonMissing.

    One transaction; an audit line with the count of rows an app.
    """
    if member.stage != Member.Stage.LEFT:
        raise NotLeft(str(member.uid))
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing
    person = person_of(member)
    with transaction.atomic():
        # the organisation's row loses name and login last: others find the person by them
        order = sorted(holders(), key=lambda holder: (holder.name in ("organisations", "accounts"), holder.name))
        done = {holder.name: holder.erase(person) for holder in order}
        rows = {name: erased.rows for name, erased in done.items()}
        audit(actor, "members.erased", target_kind="member", target_uid=member.uid, rows=rows)
    return done
