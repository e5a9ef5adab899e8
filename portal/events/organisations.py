"""Events of the organisations and their members."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemberMoved(Event):
    """A member's relation moved from one organisation to another (组织关系转接); both are None at joining and at leaving."""

    name = "organisations.member_moved"
    member_uid: uuid.UUID
    from_organisation_uid: uuid.UUID | None = None
    to_organisation_uid: uuid.UUID | None = None
    on: dt.date | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrganisationEnded(Event):
    """An organisation was dissolved, merged or split; nothing of it is deleted."""

    name = "organisations.ended"
    organisation_uid: uuid.UUID
    on: dt.date
