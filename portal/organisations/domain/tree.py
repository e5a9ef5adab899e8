"""The organisation tree: found, rename, reclassify, move, dissolve. Each is one transaction, checked whole before it writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plugins.sdk import publish
from portal.events.organisations import (
    OrganisationEnded as OrganisationEndedEvent,
)
from portal.events.organisations import (
    OrganisationMoved,
    OrganisationRenamed,
)
from portal.ground.audit import audit
from portal.ground.clock import today
from portal.ground.generation import raise_generation
from portal.organisations.domain.founding import (
    CHILD_KINDS,
    Founding,
    check_level,
    check_names,
    check_position,
    facts_of,
    found_many,
)
from portal.organisations.domain.history import (
    Change,
    Part,
    begin_state,
    check_standing,
    end_state,
    write_event,
)
from portal.organisations.domain.locking import lock_register, locked
from portal.organisations.domain.refusals import (
    CodeTaken,
    NothingChanges,
    OrganisationEnded,
    Refused,
    StillInUse,
    WrongDate,
    WrongLevel,
    WrongPlace,
)
from portal.organisations.models import (
    Member,
    Organisation,
    OrganisationEvent,
    Post,
    RoleGrant,
    Term,
    subtree_filter,
)

__all__ = [
    "CodeTaken",
    "OrganisationEnded",
    "Refused",
    "StillInUse",
    "WrongDate",
    "WrongLevel",
    "WrongPlace",
    "describe_organisation",
    "dissolve_organisation",
    "found_organisation",
    "move_organisation",
    "reclassify_organisation",
    "rename_organisation",
]

DESCRIPTION = ("introduction", "address", "contact", "latitude", "longitude", "attached_to")


def found_organisation(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Organisation | None,
    founded_on: dt.date | None = None,
    stands_from: dt.date | None = None,
    document_number: str = "",
    by: Any = None,
    note: str = "",
    **fields: Any,
) -> Organisation:
    """Found an organisation below `parent` (None: a tree of its own, committees and league organisations only), on
    `founded_on` (today). `stands_from` is the later day from which it stands there, for one that is older than its superior or
    came from elsewhere. `fields` are a short name and what `describe_organisation` takes.

    Raises CodeTaken, WrongCode, WrongName, WrongLevel, WrongDate, OrganisationEnded. Writes the row, its state and an event;
    sends OrganisationFounded.
    """
    short_name = fields.pop("short_name", "")
    change = Change(founded_on or today(), document_number, by, note)
    return found_many([Founding(code, name, kind, parent, change, short_name, stands_from, fields)])[0]


def rename_organisation(
    organisation: Organisation,
    *,
    name: str,
    short_name: str = "",
    on: dt.date,
    document_number: str = "",
    by: Any = None,
    note: str = "",
) -> Organisation:
    """Give an organisation another name from a day on; the old one stands in its history. The code stays.

    Raises WrongName, NothingChanges, WrongDate, OrganisationEnded. Writes state and event; sends
    OrganisationRenamed.
    """
    change = Change(on, document_number, by, note)
    check_names(name, short_name)
    with transaction.atomic():
        lock_register()
        row = locked([organisation.pk])[organisation.pk]
        check_standing([row], on)
        if (row.name, row.short_name) == (name, short_name):
            raise NothingChanges(row)
        before = facts_of(row)
        row.name, row.short_name = name, short_name
        row.save(update_fields=["name", "short_name"])
        begin_state(row, row.get_parent(), on)
        write_event(OrganisationEvent.Kind.RENAMED, row, change, before=before, after=facts_of(row))
        publish(OrganisationRenamed(organisation_uid=row.uid, on=on))
        raise_generation()
    return row


def reclassify_organisation(
    organisation: Organisation, *, kind: str, on: dt.date, document_number: str = "", by: Any = None, note: str = ""
) -> Organisation:
    """Make an organisation one of another kind from a day on: a branch a joint branch, a general branch a committee.

    Raises WrongLevel when it could not stand where it stands or what is below it could not, NothingChanges, WrongDate,
    OrganisationEnded.
    Writes state and event.
    """
    change = Change(on, document_number, by, note)
    with transaction.atomic():
        lock_register()
        row = locked([organisation.pk])[organisation.pk]
        check_standing([row], on)
        parent = row.get_parent()
        if kind == row.kind:
            raise NothingChanges(row)
        check_level(kind, parent)
        for child in row.get_children().filter(ended_on__isnull=True):
            if child.kind not in CHILD_KINDS[kind]:
                row.kind = kind
                raise WrongLevel(child.kind, row)
        before = facts_of(row)
        row.kind = kind
        row.save(update_fields=["kind"])
        begin_state(row, parent, on)
        write_event(OrganisationEvent.Kind.RECLASSIFIED, row, change, before=before, after=facts_of(row))
        raise_generation()
    return row


def move_organisation(
    organisation: Organisation,
    to: Organisation,
    *,
    on: dt.date,
    document_number: str = "",
    by: Any = None,
    note: str = "",
) -> Organisation:
    """Put an organisation with all below it under another superior from a day on.

    Members, posts, grants and what the organisation owns stay with it: they hang on ids. Who holds a role above loses or gains
    the subtree by the move alone. Raises WrongPlace (itself, below itself), NothingChanges, WrongLevel, WrongDate,
    OrganisationEnded. Writes state and event; sends OrganisationMoved.
    """
    change = Change(on, document_number, by, note)
    with transaction.atomic():
        lock_register()
        rows = locked([organisation.pk, to.pk])
        row, target = rows[organisation.pk], rows[to.pk]
        check_standing([row], on, there=[target])
        check_move(row, target)
        old = row.get_parent()
        row.move(target, "last-child")
        row = Organisation.objects.get(pk=row.pk)
        begin_state(row, target, on)
        parts = [(target, Part.NEW_PARENT), *([(old, Part.OLD_PARENT)] if old is not None else [])]
        write_event(
            OrganisationEvent.Kind.MOVED,
            row,
            change,
            parts,
            before={"parent": old.code if old is not None else ""},
            after={"parent": target.code},
            organisations=Organisation.objects.filter(subtree_filter(row.path), ended_on__isnull=True).count(),
        )
        publish(
            OrganisationMoved(
                organisation_uid=row.uid,
                from_parent_uid=old.uid if old is not None else None,
                to_parent_uid=target.uid,
                on=on,
            )
        )
        raise_generation()
    return row


def dissolve_organisation(
    organisation: Organisation,
    *,
    on: dt.date | None = None,
    document_number: str = "",
    by: Any = None,
    note: str = "",
) -> Organisation:
    """End an organisation; it stays in the register. Its posts, term and grants end the same day.

    Raises StillInUse while members or organisations remain in it, WrongDate, OrganisationEnded. Writes state and event; sends
    OrganisationEnded.
    """
    change = Change(on or today(), document_number, by, note)
    with transaction.atomic():
        lock_register()
        row = locked([organisation.pk])[organisation.pk]
        check_standing([row], change.on)
        below = Organisation.objects.filter(subtree_filter(row.path), ended_on__isnull=True).exclude(pk=row.pk)
        if below.exists() or Member.objects.filter(organisation=row).exclude(stage=Member.Stage.LEFT).exists():
            raise StillInUse(row)
        ended = end_organisations([row], change.on)
        write_event(OrganisationEvent.Kind.DISSOLVED, row, change, before=facts_of(row), ended=ended)
        raise_generation()
    organisation.ended_on = row.ended_on
    return organisation


def describe_organisation(organisation: Organisation, *, by: Any = None, **fields: Any) -> Organisation:
    """Change what has no history: introduction, address, contact, place on the map, the party organisation in charge of a
    league one. Raises WrongPosition. Raises the content generation; writes an audit line."""
    unknown = set(fields) - set(DESCRIPTION)
    if unknown:
        raise TypeError(f"not a description: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        row = locked([organisation.pk])[organisation.pk]
        for name, value in fields.items():
            setattr(row, name, value)
        check_position(row.latitude, row.longitude)
        row.save(update_fields=list(fields))
        audit(by, "organisations.described", target_kind="organisation", target_uid=row.uid, fields=sorted(fields))
        raise_generation()
    return row


def check_move(row: Organisation, target: Organisation) -> None:
    """Raises WrongPlace, WrongLevel, OrganisationEnded unless `row` can be put below `target`."""
    if target.path == row.parent_path:
        raise NothingChanges(row)
    if target.is_within(row):
        raise WrongPlace(_("“%(name)s”不能移到它自己或它的下级之下。") % {"name": row})
    if target.ended_on is not None:
        raise OrganisationEnded(target.name)
    check_level(row.kind, target)


def end_organisations(rows: list[Organisation], on: dt.date) -> dict[str, int]:
    """End organisations with their states, posts, terms and grants, and tell of each; how many of what, for the event.

    Grants are not carried over to a successor: who decides there grants anew.
    """
    for row in rows:
        row.ended_on = on
        row.save(update_fields=["ended_on"])
        publish(OrganisationEndedEvent(organisation_uid=row.uid, on=on))
    end_state(rows, on)
    terms = Term.objects.filter(organisation__in=rows, ended_on__isnull=True)
    posts = Post.objects.filter(organisation__in=rows, ended_on__isnull=True)
    grants = RoleGrant.objects.filter(organisation__in=rows, valid_from__lte=on).exclude(valid_to__lte=on)
    later = RoleGrant.objects.filter(organisation__in=rows, valid_from__gt=on)
    counts = {
        "posts": posts.update(ended_on=on),
        "terms": terms.update(ended_on=on),
        "grants": grants.update(valid_to=on),
    }
    later.delete()
    return counts
