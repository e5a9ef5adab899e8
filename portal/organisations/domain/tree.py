"""The organisation tree: found, rename, dissolve. Splits, merges and history come with the register."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from portal.ground.clock import today
from portal.organisations.models import Member, Organisation

CHILD_KINDS = {
    Organisation.Kind.COMMITTEE: {
        Organisation.Kind.COMMITTEE,
        Organisation.Kind.GENERAL_BRANCH,
        Organisation.Kind.BRANCH,
    },
    Organisation.Kind.GENERAL_BRANCH: {Organisation.Kind.BRANCH},
    Organisation.Kind.BRANCH: {Organisation.Kind.GROUP},
    Organisation.Kind.GROUP: set(),
}


class CodeTaken(ValueError):
    """Another organisation, maybe a dissolved one, already has this code: codes are never used again."""


class WrongLevel(ValueError):
    """This kind of organisation cannot stand below that one (党委 – 党总支 – 党支部 – 党小组)."""


class StillInUse(ValueError):
    """Members or organisations below are still there; they have to be moved first."""


def found_organisation(
    *, code: str, name: str, kind: str, parent: Organisation | None, founded_on: dt.date | None = None, **fields: Any
) -> Organisation:
    """Found an organisation below `parent` (None: a tree of its own, committees only). Raises CodeTaken, WrongLevel."""
    if Organisation.objects.filter(code=code).exists():
        raise CodeTaken(code)
    if parent is None and kind != Organisation.Kind.COMMITTEE:
        raise WrongLevel(kind)
    if parent is not None and kind not in CHILD_KINDS[Organisation.Kind(parent.kind)]:
        raise WrongLevel(kind)
    row = Organisation(code=code, name=name, kind=kind, founded_on=founded_on or today(), **fields)
    with transaction.atomic():
        if parent is None:
            made = Organisation.add_root(instance=row)
        else:
            made = Organisation.objects.get(pk=parent.pk).add_child(instance=row)
    return made  # type: ignore[no-any-return]


def dissolve_organisation(organisation: Organisation, *, on: dt.date | None = None) -> Organisation:
    """End an organisation; it stays in the register. Raises StillInUse while members or organisations remain in it."""
    with transaction.atomic():
        below = Organisation.objects.get(pk=organisation.pk).get_descendants().filter(ended_on__isnull=True)
        if below.exists() or Member.objects.filter(organisation=organisation).exclude(stage=Member.Stage.LEFT).exists():
            raise StillInUse(organisation.name)
        organisation.ended_on = on or today()
        organisation.save(update_fields=["ended_on"])
    return organisation
