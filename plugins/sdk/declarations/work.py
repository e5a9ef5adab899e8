"""What runs in a worker: points for events, timed work."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

from plugins.sdk.declarations.base import Labelled
from plugins.sdk.events import Event


@dataclasses.dataclass(frozen=True)
class PointRule(Labelled):
    """Points for an event, read by whichever plugin keeps points.

    `member` names the event's field with the member's uid, `once_by` the fields that make the deed one deed: the same values
    never earn twice. `daily_cap` is in points for a member and a day in Asia/Shanghai. `source` says which rule or decision
    the amount follows. `about` names the field shown as the reason.
    """

    code: str
    event: type[Event]
    points: int
    label: str
    once_by: tuple[str, ...]
    label_en: str = ""
    daily_cap: int | None = None
    member: str = "member_uid"
    about: str = ""
    source: str = ""
    valid_from: dt.date | None = None

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise ValueError(f"{self.code}: points must be above 0")
        fields = {field.name for field in dataclasses.fields(self.event)}
        missing = {self.member, *self.once_by, *([self.about] if self.about else [])} - fields
        if missing:
            raise ValueError(f"{self.code}: {self.event.name} has no field {', '.join(sorted(missing))}")


@dataclasses.dataclass(frozen=True)
class Task:
    """Something to run again and again in a worker: `run()` without arguments, safe to repeat. Skipped while the plugin is off."""

    run: str | Callable[[], None]
    every_minutes: int
