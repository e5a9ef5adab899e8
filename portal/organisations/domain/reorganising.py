"""Reorganising: split one organisation into several, merge several into one. Members, posts and history go along."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.sdk import publish
from portal.events.organisations import OrganisationFounded
from portal.ground.generation import raise_generation
from portal.organisations.domain.founding import check_level, check_new, facts_of, place_new
from portal.organisations.domain.history import (
    Change,
    Part,
    begin_state,
    check_memberships,
    check_standing,
    write_event,
)
from portal.organisations.domain.locking import lock_register, locked
from portal.organisations.domain.members import move_members
from portal.organisations.domain.refusals import OrganisationEnded, WrongMembers, WrongPlace
from portal.organisations.domain.tree import end_organisations
from portal.organisations.models import Member, Organisation, OrganisationEvent


@dataclasses.dataclass(frozen=True)
class NewOrganisation:
    """An organisation that a split or merge founds. `members` and `organisations` are ids of what goes there (for a split)."""

    code: str
    name: str
    kind: str
    short_name: str = ""
    members: Sequence[int] = ()
    organisations: Sequence[int] = ()


def split_organisation(
    organisation: Organisation,
    into: Sequence[NewOrganisation],
    *,
    stays: bool,
    on: dt.date,
    document_number: str = "",
    by: Any = None,
    note: str = "",
) -> list[Organisation]:
    """Split an organisation on a day: found new ones beside it and give each its members and organisations below.

    With `stays` the old one goes on with whoever is not named; without, it ends, and everybody in it must be named. Posts held
    in the old organisation end for those who leave it; grants in it end with it. Raises WrongMembers (not of this
    organisation, named twice, left over), WrongPlace for too few parts, what founding raises, WrongDate. Writes one event for
    all; sends MemberMoved for each, OrganisationFounded, OrganisationEnded. Returns the new ones in the order given.
    """
    change = Change(on, document_number, by, note)
    with transaction.atomic():
        lock_register()
        row = locked([organisation.pk])[organisation.pk]
        parent = row.get_parent()
        children = {child.pk: child for child in row.get_children().filter(ended_on__isnull=True)}
        going = [children[pk] for part in into for pk in part.organisations if pk in children]
        check_standing([row, *going], on, there=[parent] if parent is not None else [])
        _check_parts(row, parent, into, children, stays=stays)
        check_memberships([pk for part in into for pk in part.members], on)
        made = [_found(part, parent, on) for part in into]
        for part, new in zip(into, made, strict=True):
            move_members(part.members, new, on=on)
            for child in part.organisations:
                _hang(children[child], new, on)
        row = Organisation.objects.get(pk=row.pk)
        ended = {} if stays else end_organisations([row], on)
        write_event(
            OrganisationEvent.Kind.SPLIT,
            row,
            change,
            [(new, Part.TARGET) for new in made],
            before=facts_of(row),
            after=[
                facts_of(new) | {"members": len(part.members), "organisations": len(part.organisations)}
                for part, new in zip(into, made, strict=True)
            ],
            stays=stays,
            ended=ended,
        )
        raise_generation()
    return made


def merge_organisations(
    sources: Sequence[Organisation],
    into: Organisation | NewOrganisation,
    *,
    on: dt.date,
    document_number: str = "",
    by: Any = None,
    note: str = "",
) -> Organisation:
    """Merge organisations on a day into one that exists or into a new one beside the first of them.

    All members and organisations below go over; the sources end with their posts, terms and grants. Raises WrongPlace (too few,
    one twice, one below another), WrongLevel, what founding raises, WrongDate, OrganisationEnded. Writes one event for all;
    sends MemberMoved for each, OrganisationEnded, OrganisationFounded for a new one.
    """
    change = Change(on, document_number, by, note)
    ids = [source.pk for source in sources]
    with transaction.atomic():
        lock_register()
        existing = into if isinstance(into, Organisation) else None
        rows = locked([*ids, *([existing.pk] if existing is not None else [])])
        olds = [rows[pk] for pk in dict.fromkeys(ids)]
        _check_sources(ids, olds, rows[existing.pk] if existing is not None else None)
        below = [child for old in olds for child in old.get_children().filter(ended_on__isnull=True)]
        check_standing([*olds, *below], on, there=[rows[existing.pk]] if existing is not None else [])
        if isinstance(into, NewOrganisation):
            parent = olds[0].get_parent()
            check_new(into.code, into.name, into.short_name, into.kind, parent)
            kind = into.kind
        else:
            parent, kind = None, rows[into.pk].kind
        for child in below:
            check_level(child.kind, Organisation(kind=kind, name=into.name))
        moving = _people_in(olds)
        check_memberships(moving, on)

        target = _found(into, parent, on) if isinstance(into, NewOrganisation) else rows[into.pk]
        move_members(moving, target, on=on)
        for child in below:
            _hang(child, target, on)
        olds = list(Organisation.objects.filter(pk__in=ids))
        ended = end_organisations(olds, on)
        target = Organisation.objects.get(pk=target.pk)
        write_event(
            OrganisationEvent.Kind.MERGED,
            target,
            change,
            [(old, Part.SOURCE) for old in olds],
            before=[facts_of(old) for old in olds],
            after=facts_of(target),
            members=len(moving),
            organisations=len(below),
            ended=ended,
        )
        raise_generation()
    return target


def _check_parts(
    row: Organisation,
    parent: Organisation | None,
    into: Sequence[NewOrganisation],
    children: dict[int, Organisation],
    *,
    stays: bool,
) -> None:
    if len(into) < (1 if stays else 2):
        raise WrongPlace(_("分设至少要成立一个新组织；原组织撤销时至少两个。"))
    codes = Counter(part.code for part in into)
    for part in into:
        check_new(part.code, part.name, part.short_name, part.kind, parent)
        if codes[part.code] > 1:
            raise WrongPlace(_("编码 %(code)s 写了两次。") % {"code": part.code})
        for child in part.organisations:
            if child not in children:
                raise WrongMembers(_("所选下级组织不属于“%(name)s”。") % {"name": row})
            check_level(children[child].kind, Organisation(kind=part.kind, name=part.name))
    people = set(Member.objects.filter(organisation=row).exclude(stage=Member.Stage.LEFT).values_list("pk", flat=True))
    _check_named([pk for part in into for pk in part.members], people, row, _("党员"), all_of_them=not stays)
    _check_named(
        [pk for part in into for pk in part.organisations], set(children), row, _("下级组织"), all_of_them=not stays
    )


def _people_in(organisations: Sequence[Organisation]) -> list[int]:
    """Ids of those who belong there and have not left, their rows kept until the transaction ends."""
    rows = Member.objects.select_for_update(no_key=True).filter(organisation__in=organisations)
    return list(rows.exclude(stage=Member.Stage.LEFT).order_by("pk").values_list("pk", flat=True))


def _check_named(named: list[int], there: set[int], row: Organisation, what: str, *, all_of_them: bool) -> None:
    if len(named) != len(set(named)):
        raise WrongMembers(_("有%(what)s被分到了两个新组织。") % {"what": what})
    if not set(named) <= there:
        raise WrongMembers(_("所选%(what)s有的不属于“%(name)s”。") % {"what": what, "name": row})
    if all_of_them and (left := len(there - set(named))):
        raise WrongMembers(_("还有 %(n)d 个%(what)s没有分到新组织。") % {"n": left, "what": what})


def _check_sources(ids: list[int], olds: list[Organisation], target: Organisation | None) -> None:
    if len(olds) != len(ids) or len(olds) < (1 if target is not None else 2):
        raise WrongPlace(_("合并至少要有两个不同的组织。"))
    if target in olds:
        raise WrongPlace(_("“%(name)s”不能和它自己合并。") % {"name": target})
    everyone = [*olds, *([target] if target is not None else [])]
    for one in everyone:
        if one.ended_on is not None:
            raise OrganisationEnded(one.name)
        if one.is_league != everyone[0].is_league:
            raise WrongPlace(_("党组织和团组织不能合并。"))
    for old in olds:
        if any(other.is_within(old) for other in everyone if other is not old):
            raise WrongPlace(_("“%(name)s”不能和它自己的下级组织合并。") % {"name": old})


def _found(part: NewOrganisation, parent: Organisation | None, on: dt.date) -> Organisation:
    row = Organisation(code=part.code, name=part.name, short_name=part.short_name, kind=part.kind, founded_on=on)
    made = place_new(row, parent)
    begin_state(made, parent, on)
    publish(OrganisationFounded(organisation_uid=made.uid, on=on))
    return made


def _hang(child: Organisation, target: Organisation, on: dt.date) -> None:
    row = Organisation.objects.get(pk=child.pk)
    row.move(Organisation.objects.get(pk=target.pk), "last-child")
    begin_state(Organisation.objects.get(pk=child.pk), target, on)
