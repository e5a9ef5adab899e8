"""Founding organisations, one or thousands at once: what may stand where, and the rows, history and seals of what is new."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Min
from treebeard.exceptions import PathOverflow

from plugins.sdk import publish
from portal.events.organisations import OrganisationFounded
from portal.ground.clock import today
from portal.ground.generation import raise_generation
from portal.organisations.domain.history import Change, Happening, Part, write_events
from portal.organisations.domain.locking import lock_register, locked
from portal.organisations.domain.refusals import (
    CodeTaken,
    OrganisationEnded,
    Refused,
    WrongCode,
    WrongDate,
    WrongLevel,
    WrongName,
    WrongPosition,
)
from portal.organisations.models import Organisation, OrganisationEvent, OrganisationState
from portal.shared.batches import batched
from portal.shared.slugs import pinyin_key

_KIND = Organisation.Kind
_BRANCHES = set(Organisation.BRANCH_KINDS)
CHILD_KINDS: dict[str, set[Organisation.Kind]] = {
    _KIND.COMMITTEE: {_KIND.COMMITTEE, _KIND.GENERAL_BRANCH, *_BRANCHES},
    _KIND.GENERAL_BRANCH: set(_BRANCHES),
    **{kind: {_KIND.GROUP} for kind in _BRANCHES},
    _KIND.GROUP: set(),
    _KIND.LEAGUE_COMMITTEE: set(Organisation.LEAGUE_KINDS),
    _KIND.LEAGUE_GENERAL_BRANCH: {_KIND.LEAGUE_BRANCH},
    _KIND.LEAGUE_BRANCH: set(),
}
ROOT_KINDS = {_KIND.COMMITTEE, *Organisation.LEAGUE_KINDS}
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,39}\Z")
_BATCH = 500


@dataclasses.dataclass(frozen=True)
class Founding:
    """An organisation to be founded below `parent` (None: a tree of its own) on the day of `change`. `stands_from` is the later
    day from which it stands there; `fields` are what `describe_organisation` takes."""

    code: str
    name: str
    kind: str
    parent: Organisation | None
    change: Change
    short_name: str = ""
    stands_from: dt.date | None = None
    fields: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def since(self) -> dt.date:
        """The day from which it stands where it is put."""
        return max(self.change.on, self.stands_from or self.change.on)


def found_many(foundings: Sequence[Founding]) -> list[Organisation]:
    """Found organisations below ones that stand already, all or none, in the order given. Thirty queries for five hundred.

    Raises the first of `refusals_of`. Writes the rows, their states and an event each; sends OrganisationFounded for each.
    """
    with transaction.atomic():
        lock_register()
        for refusal in refusals_of(foundings):
            if refusal is not None:
                raise refusal
        above = locked({founding.parent.pk for founding in foundings if founding.parent is not None})
        made: list[Organisation] = []
        for part in batched(foundings, _BATCH):
            made += _written(part, above)
        raise_generation()
    return made


def refusals_of(foundings: Sequence[Founding]) -> list[Refused | None]:
    """Why each cannot be founded (CodeTaken, WrongCode, WrongName, WrongLevel, WrongDate, WrongPosition, OrganisationEnded), or
    None. Writes nothing; three queries for each five hundred."""
    above = Organisation.objects.in_bulk({row.parent.pk for row in foundings if row.parent is not None})
    first = first_days(above)
    taken: set[str] = set()
    for part in batched(foundings, _BATCH):
        taken |= set(Organisation.objects.filter(code__in=[row.code for row in part]).values_list("code", flat=True))
    found: list[Refused | None] = []
    for row in foundings:
        parent = above[row.parent.pk] if row.parent is not None else None
        try:
            _check_code(row.code, taken)
            check_new_facts(row.name, row.short_name, row.kind, parent)
            if row.since > today():
                raise WrongDate.future(row.since)
            if parent is not None and first.get(parent.pk, row.since) > row.since:
                raise WrongDate.before(parent, first[parent.pk])
            check_position(row.fields.get("latitude"), row.fields.get("longitude"))
        except Refused as refusal:
            found.append(refusal)
        else:
            found.append(None)
            taken.add(row.code)
    return found


def first_days(ids: Iterable[int]) -> dict[int, dt.date]:
    """The first day on which each of these organisations stood. One query."""
    states = OrganisationState.objects.filter(organisation__in=list(ids)).order_by()
    return dict(states.values_list("organisation_id").annotate(day=Min("since")))


def _written(foundings: Sequence[Founding], above: Mapping[int, Organisation]) -> list[Organisation]:
    rows = [
        Organisation(
            code=founding.code,
            name=founding.name,
            short_name=founding.short_name,
            kind=founding.kind,
            founded_on=founding.change.on,
            pinyin=pinyin_key(founding.name, founding.short_name),
            **founding.fields,
        )
        for founding in foundings
    ]
    parents = [above[founding.parent.pk] if founding.parent is not None else None for founding in foundings]
    _place(rows, parents)
    made = Organisation.objects.bulk_create(rows)
    OrganisationState.objects.bulk_create(
        [
            OrganisationState(
                organisation=row,
                parent=parent,
                name=row.name,
                short_name=row.short_name,
                kind=row.kind,
                since=founding.since,
            )
            for row, parent, founding in zip(made, parents, foundings, strict=True)
        ]
    )
    write_events(
        OrganisationEvent.Kind.FOUNDED,
        [
            Happening(
                row,
                dataclasses.replace(founding.change, on=founding.since),
                [(parent, Part.NEW_PARENT)] if parent is not None else [],
                {"after": facts_of(row)},
            )
            for row, parent, founding in zip(made, parents, foundings, strict=True)
        ],
    )
    for row, founding in zip(made, foundings, strict=True):
        publish(OrganisationFounded(organisation_uid=row.uid, on=founding.since))
    return made


def _place(rows: Sequence[Organisation], parents: Sequence[Organisation | None]) -> None:
    """Give each row its path as the last one below its parent, under the register's lock."""
    last: dict[str, int] = {}
    size = Organisation.steplen
    for row, parent in zip(rows, parents, strict=True):
        top = parent.path if parent is not None else ""
        depth = len(top) // size + 1
        if top not in last:
            there = Organisation.objects.filter(path__gte=top, path__lte=top + "Z" * size, depth=depth).order_by()
            path = there.aggregate(last=Max("path"))["last"]
            last[top] = Organisation._str2int(path[-size:]) if path else 0
        last[top] += 1
        row.depth, row.path = depth, Organisation._get_path(top, depth, last[top])
        if len(row.path) != depth * size or len(row.path) > Organisation._meta.get_field("path").max_length:
            raise PathOverflow
    for parent in {parent.pk: parent for parent in parents if parent is not None}.values():
        added = sum(one is not None and one.pk == parent.pk for one in parents)
        Organisation.objects.filter(pk=parent.pk).update(numchild=F("numchild") + added)


def place_new(row: Organisation, parent: Organisation | None) -> Organisation:
    """Insert a row below `parent` as the last one, under the register's lock."""
    if parent is None:
        return Organisation.add_root(instance=row)  # type: ignore[no-any-return]
    return Organisation.objects.get(pk=parent.pk).add_child(instance=row)  # type: ignore[no-any-return]


# --- what may stand where ---------------------------------------------------------------------------------------------


def check_names(name: str, short_name: str = "") -> None:
    """Raises WrongName."""
    if not name.strip() or len(name) > 120 or len(short_name) > 40:
        raise WrongName


def check_position(latitude: Any, longitude: Any) -> None:
    """Raises WrongPosition unless both lie on the globe or both are None."""
    if latitude is None and longitude is None:
        return
    try:
        north, east = float(latitude), float(longitude)
    except (TypeError, ValueError):
        raise WrongPosition from None
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise WrongPosition


def check_level(kind: str, parent: Organisation | None) -> None:
    """Raises WrongLevel unless an organisation of `kind` can stand below `parent` (None: at the top)."""
    allowed = ROOT_KINDS if parent is None else CHILD_KINDS[parent.kind]
    if kind not in allowed:
        raise WrongLevel(kind, parent)


def check_new(code: str, name: str, short_name: str, kind: str, parent: Organisation | None) -> None:
    """Raises WrongCode, CodeTaken, WrongName, WrongLevel, OrganisationEnded: whether such an organisation can be founded."""
    _check_code(code, Organisation.objects.filter(code=code).values_list("code", flat=True))
    check_new_facts(name, short_name, kind, parent)


def check_new_facts(name: str, short_name: str, kind: str, parent: Organisation | None) -> None:
    """Raises WrongName, WrongLevel, OrganisationEnded. Asks nothing of the database."""
    check_names(name, short_name)
    check_level(kind, parent)
    if parent is not None and parent.ended_on is not None:
        raise OrganisationEnded(parent.name)


def _check_code(code: str, taken: Iterable[str]) -> None:
    if not _CODE.match(code):
        raise WrongCode(code)
    if code in taken:
        raise CodeTaken(code)


def facts_of(organisation: Organisation) -> dict[str, str]:
    """What an event keeps of an organisation, before and after."""
    return {
        "code": organisation.code,
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
    }
