"""The register as of any day: states are written by the operations, read here. A state holds from `since` to before `until`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
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
from portal.records.domain.sealing import seal

Part = OrganisationEventPart.Part


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


def write_event(
    kind: str,
    organisation: Organisation,
    change: Change,
    parts: Iterable[tuple[Organisation, str]] = (),
    **detail: Any,
) -> OrganisationEvent:
    """Write what happened and which organisations it concerns, and seal it in the chain of the organisation."""
    event = OrganisationEvent.objects.create(
        kind=kind,
        organisation=organisation,
        happened_on=change.on,
        document_number=change.document_number,
        note=change.note,
        detail=detail,
        entered_by=change.by if getattr(change.by, "pk", None) else None,
    )
    others = list(parts)
    concerned = dict.fromkeys([(organisation.pk, Part.SUBJECT), *((other.pk, part) for other, part in others)])
    OrganisationEventPart.objects.bulk_create(
        [OrganisationEventPart(event=event, organisation_id=pk, part=part) for pk, part in concerned]
    )
    seal(
        "organisation_event",
        event.uid,
        chain_of(organisation),
        {
            "kind": event.kind,
            "organisation": organisation.uid,
            "document_number": event.document_number,
            "note": event.note,
            "parts": [{"organisation": other.uid, "part": str(part)} for other, part in others],
            "detail": detail,
        },
        happened_on=event.happened_on,
        entered_by=change.by,
    )
    audit(change.by, f"organisations.{event.kind}", target_kind="organisation", target_uid=organisation.uid)
    return event


def chain_of(organisation: Organisation) -> str:
    """The key of the chain in which an organisation's records are sealed."""
    return f"org:{organisation.uid}"
