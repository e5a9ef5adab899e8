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


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrganisationFounded(Event):
    """An organisation was founded, also by a split, a merger or an import."""

    name = "organisations.founded"
    organisation_uid: uuid.UUID
    on: dt.date


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrganisationRenamed(Event):
    """An organisation has another name."""

    name = "organisations.renamed"
    organisation_uid: uuid.UUID
    on: dt.date


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrganisationMoved(Event):
    """An organisation with all below it has another superior."""

    name = "organisations.moved"
    organisation_uid: uuid.UUID
    to_parent_uid: uuid.UUID
    from_parent_uid: uuid.UUID | None = None
    on: dt.date


@dataclasses.dataclass(frozen=True, kw_only=True)
class TermEnding(Event):
    """The term of an organisation's leading body ends on `until`: told six, three and one month before and on the day."""

    name = "organisations.term_ending"
    organisation_uid: uuid.UUID
    term_uid: uuid.UUID
    until: dt.date
    months_left: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class BodyElected(Event):
    """An organisation elected its leading body (换届); the term before has ended."""

    name = "organisations.body_elected"
    organisation_uid: uuid.UUID
    term_uid: uuid.UUID
    on: dt.date
    until: dt.date
