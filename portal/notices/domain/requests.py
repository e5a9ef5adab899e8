"""Carrying out what lower layers asked for by `portal.ground.telling`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model

from portal.ground.models import OutboxEntry
from portal.notices.domain.notices import notify
from portal.notices.domain.recipients import Holders, Recipients
from portal.notices.domain.tasks import close_task, open_task
from portal.organisations.models import Organisation


def carry_out(entries: Sequence[OutboxEntry]) -> None:
    """Do what each entry asks. An organisation or person that is gone is left out. Safe to repeat."""
    for entry in entries:
        _carry_out(entry.payload)


def _carry_out(asked: dict[str, Any]) -> None:
    if asked["what"] == "close":
        by = get_user_model().objects.filter(uid=asked["by"]).first() if asked["by"] else None
        close_task(asked["key"], by=by)
        return
    recipients = _recipients(asked)
    if recipients is None:
        return
    if asked["what"] == "notify":
        notify(asked["key"], recipients, asked["kind"], asked["title"], asked["url"])
    else:
        due_on = dt.date.fromisoformat(asked["due_on"]) if asked["due_on"] else None
        open_task(asked["key"], recipients, asked["title"], asked["url"], due_on, kind=asked["kind"])


def _recipients(asked: dict[str, Any]) -> Recipients | None:
    if not asked["right"]:
        return list(get_user_model().objects.filter(uid__in=asked["users"]))
    organisation = Organisation.objects.filter(uid=asked["organisation"]).first()
    return Holders(asked["right"], organisation) if organisation is not None else None
