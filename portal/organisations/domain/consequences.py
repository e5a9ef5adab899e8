"""What an operation would change, in numbers, before it is done: organisations, members, posts, rights, what they own."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from portal.organisations.domain.rights import holding_today
from portal.organisations.models import Member, Organisation, Post, RoleGrant, Term, paths_up


@dataclasses.dataclass(frozen=True)
class Owned:
    """How many things of one kind belong to the organisations concerned."""

    label: str
    number: int


@dataclasses.dataclass(frozen=True)
class Consequences:
    """What lies in the organisations concerned (with all below them), and what happens to rights. `losing` and `gaining` are
    grants above that reach them no longer, or from now on; `ending` are grants that end."""

    organisations: int = 0
    members: int = 0
    posts: int = 0
    terms: int = 0
    owned: tuple[Owned, ...] = ()
    losing: tuple[RoleGrant, ...] = ()
    gaining: tuple[RoleGrant, ...] = ()
    ending: tuple[RoleGrant, ...] = ()


def of_moving(organisation: Organisation, to: Organisation) -> Consequences:
    """What goes along when an organisation is put below another one, and whose rights it changes. Nothing ends."""
    before, after = set(paths_up(organisation.parent_path)), set(paths_up(to.path))
    return dataclasses.replace(
        _within([organisation]),
        losing=_grants_at(before - after),
        gaining=_grants_at(after - before),
    )


def of_ending(organisations: Sequence[Organisation]) -> Consequences:
    """What there is in organisations that end: posts, terms and grants end with them, what they own stays theirs."""
    found = _within(organisations)
    return dataclasses.replace(found, ending=_grants_at({row.path for row in organisations}))


def _within(organisations: Sequence[Organisation]) -> Consequences:
    rows = Organisation.objects.current().within(organisations).order_by()
    ids = list(rows.values_list("pk", flat=True))
    return Consequences(
        organisations=len(ids),
        members=Member.objects.filter(organisation__in=ids).exclude(stage=Member.Stage.LEFT).count(),
        posts=Post.objects.filter(organisation__in=ids, ended_on__isnull=True).count(),
        terms=Term.objects.filter(organisation__in=ids, ended_on__isnull=True).count(),
        owned=_owned(ids),
    )


def _owned(ids: list[int]) -> tuple[Owned, ...]:
    """Whatever has an `owner_organisation`, of any app above."""
    found = []
    for relation in Organisation._meta.get_fields(include_hidden=True):
        field: Any = getattr(relation, "field", None)
        if field is not None and field.name == "owner_organisation":
            model = field.model
            number = model._base_manager.filter(owner_organisation__in=ids).count()
            if number:
                found.append(Owned(str(model._meta.verbose_name), number))
    return tuple(found)


def _grants_at(paths: set[str]) -> tuple[RoleGrant, ...]:
    grants = RoleGrant.objects.filter(holding_today(), organisation__path__in=paths)
    return tuple(grants.select_related("user", "organisation").order_by("organisation__path", "role", "pk"))
