"""What disclosure tells others."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event, now


@dataclasses.dataclass(frozen=True, kw_only=True)
class ItemDisclosed(Event):
    """An item became public. `organisation_id` is the owner."""

    name = "disclosure.item_disclosed"
    item_uid: uuid.UUID
    title: str
    category: str = ""
    organisation_id: int | None = None
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)
