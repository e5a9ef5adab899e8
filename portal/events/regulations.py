"""Events of the regulations."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event, now


@dataclasses.dataclass(frozen=True, kw_only=True)
class RegulationPublished(Event):
    """A version of a regulation was published. `in_force_from` is a business date."""

    name = "regulations.published"
    regulation_uid: uuid.UUID
    version_uid: uuid.UUID
    title: str
    in_force_from: dt.date | None = None
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)
