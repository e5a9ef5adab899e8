"""The register as of any day: states are written by the operations, read here. A state holds from `since` to before `until`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, Min, Q

from portal.ground.audit import audit
from portal.ground.clock import today
from portal.organisations.domain.refusals import OrganisationEnded, WrongDate
from portal.organisations.models import (
    Member,
    Membership,
    Organisation,
    OrganisationEvent,
    OrganisationEventPart,
    OrganisationState,
)
from portal.records.domain.sealing import Entry, seal_many

Part = OrganisationEventPart.Part
CHAINS = "org"


@dataclasses.dataclass(frozen=True)
class OrganisationThen:
    """An organisation as it stood on a day. `level` is 0 at the top; `parent_id` is None there."""

    id: int
    uid: uuid.UUID
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: int | None
    level: int


@dataclasses.dataclass(frozen=True)
class Change:
    """What every operation is told: the day, the document it follows, who enters it, a remark."""

    on: dt.date
    document_number: str = ""
    by: Any = None
    note: str = ""


def standing_on(day: dt.date, prefix: str = "") -> Q:
    """A filter for rows with `since` and `until` that held on `day`."""
    return Q(**{f"{prefix}since__lte": day}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": day})
    )


def organisations_as_of(day: dt.date) -> list[OrganisationThen]:
    """The tree as it stood at the end of `day`: names, kinds and parents of then, parents before children, by code. One query."""
    states = OrganisationState.objects.filter(standing_on(day)).select_related("organisation")
    below: dict[int | None, list[OrganisationState]] = {}
    present = set()
    rows = sorted(states, key=lambda state: state.organisation.code)
    for state in rows:
        present.add(state.organisation_id)
    for state in rows:
        above = state.parent_id if state.parent_id in present else None
        below.setdefault(above, []).append(state)
    found: list[OrganisationThen] = []
    waiting = [(state, 0) for state in reversed(below.get(None, []))]
    while waiting:
        state, level = waiting.pop()
        row = state.organisation
        found.append(
            OrganisationThen(
                row.pk, row.uid, row.code, state.name, state.short_name, state.kind, state.parent_id, level
            )
        )
        waiting += [(child, level + 1) for child in reversed(below.get(row.pk, []))]
    return found


def members_as_of(day: dt.date) -> dict[int, int]:
    """How many people belonged directly to each organisation at the end of `day`, by organisation id. One query.

    Those who had left or not yet joined the party count like everybody: stages have no history.
    """
    rows = Membership.objects.filter(standing_on(day)).order_by().values_list("organisation_id")
    return dict(rows.annotate(people=Count("member_id", distinct=True)))


def organisation_of_member_as_of(member: Member, day: dt.date) -> Organisation | None:
    """Where a member belonged at the end of `day`, or None."""
    row = (
        Membership.objects.filter(standing_on(day), member=member)
        .select_related("organisation")
        .order_by("-since", "-pk")
        .first()
    )
    return row.organisation if row is not None else None


def time_line(organisation: Organisation) -> list[OrganisationEvent]:
    """Everything that happened to or with an organisation, latest first. Two queries."""
    return list(
        OrganisationEvent.objects.filter(parts__organisation=organisation)
        .distinct()
        .select_related("organisation", "entered_by")
        .prefetch_related("parts__organisation")
        .order_by("-happened_on", "-pk")
    )


# --- for the operations -----------------------------------------------------------------------------------------------


def check_standing(changing: Iterable[Organisation], on: dt.date, *, there: Iterable[Organisation] = ()) -> None:
    """Raises WrongDate for a day to come, before the last change of one that is `changing`, or before one that only has to be
    `there` began to stand; OrganisationEnded for any that has ended."""
    if on > today():
        raise WrongDate.future(on)
    rows = {organisation.pk: organisation for organisation in changing}
    others = {organisation.pk: organisation for organisation in there}
    for organisation in (*rows.values(), *others.values()):
        if organisation.ended_on is not None:
            raise OrganisationEnded(organisation.name)
    states = OrganisationState.objects.values_list("organisation_id")
    last = states.filter(organisation__in=rows).annotate(day=Max("since")).filter(day__gt=on).order_by("-day").first()
    if last is not None:
        raise WrongDate.before(rows[last[0]], last[1])
    first = (
        states.filter(organisation__in=others).annotate(day=Min("since")).filter(day__gt=on).order_by("-day").first()
    )
    if first is not None:
        raise WrongDate.before(others[first[0]], first[1])


def check_memberships(member_ids: Iterable[int], on: dt.date) -> None:
    """Raises WrongDate when one of the members came to the own organisation after `on`."""
    late = (
        Membership.objects.filter(member__in=set(member_ids), until__isnull=True, since__gt=on)
        .select_related("member")
        .order_by("-since")
        .first()
    )
    if late is not None:
        raise WrongDate.before(late.member, late.since)


def begin_state(organisation: Organisation, parent: Organisation | None, on: dt.date) -> None:
    """Write how the organisation stands from `on`. What it was until then is closed; a change of the same day is replaced."""
    values = {
        "parent": parent,
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
    }
    end_state([organisation], on)
    OrganisationState.objects.create(organisation=organisation, since=on, **values)


def end_state(organisations: Sequence[Organisation], on: dt.date) -> None:
    """Close the open states at `on`; what would have lasted no day goes."""
    rows = OrganisationState.objects.filter(organisation__in=organisations, until__isnull=True)
    rows.filter(since__gte=on).delete()
    rows.update(until=on)


@dataclasses.dataclass(frozen=True)
class Happening:
    """What happened to an organisation: when and by which document, which others it concerns and as what, and the facts."""

    organisation: Organisation
    change: Change
    parts: Sequence[tuple[Organisation, str]] = ()
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def write_event(
    kind: str,
    organisation: Organisation,
    change: Change,
    parts: Iterable[tuple[Organisation, str]] = (),
    **detail: Any,
) -> OrganisationEvent:
    """Write what happened and which organisations it concerns, and seal it in the chain of the organisation."""
    return write_events(kind, [Happening(organisation, change, list(parts), detail)])[0]


def write_events(kind: str, happenings: Sequence[Happening]) -> list[OrganisationEvent]:
    """As `write_event`, for many of one kind at once."""
    events = OrganisationEvent.objects.bulk_create(
        [
            OrganisationEvent(
                kind=kind,
                organisation=one.organisation,
                happened_on=one.change.on,
                document_number=one.change.document_number,
                note=one.change.note,
                detail=one.detail,
                entered_by=one.change.by if getattr(one.change.by, "pk", None) else None,
            )
            for one in happenings
        ]
    )
    told = list(zip(events, happenings, strict=True))
    OrganisationEventPart.objects.bulk_create(
        [
            OrganisationEventPart(event=event, organisation_id=pk, part=part)
            for event, one in told
            for pk, part in dict.fromkeys(
                [(one.organisation.pk, Part.SUBJECT), *((other.pk, part) for other, part in one.parts)]
            )
        ]
    )
    seal_many([_entry(event, one) for event, one in told])
    for one in happenings:
        audit(one.change.by, f"organisations.{kind}", target_kind="organisation", target_uid=one.organisation.uid)
    return events


def _entry(event: OrganisationEvent, one: Happening) -> Entry:
    content = {
        "kind": event.kind,
        "organisation": one.organisation.uid,
        "document_number": event.document_number,
        "note": event.note,
        "parts": [{"organisation": other.uid, "part": str(part)} for other, part in one.parts],
        "detail": dict(one.detail),
    }
    return Entry(
        "organisation_event", str(event.uid), chain_of(one.organisation), content, event.happened_on, one.change.by
    )


def chain_of(organisation: Organisation) -> str:
    """The key of the chain in which an organisation's records are sealed."""
    return f"{CHAINS}:{organisation.uid}"
