"""Who is meant: people by name, or whoever holds a right somewhere, or the members of an organisation."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from portal.ground.rights import UndeclaredRight, declared
from portal.organisations.domain.rights import holding_today, rights_of, users_with
from portal.organisations.models import Member, Organisation, Role, RoleGrant, paths_up, subtree_filter


@dataclasses.dataclass(frozen=True)
class Holders:
    """Whoever holds `right` in `organisation` when it matters, but `except_user`: those of the nearest level that has
    somebody (the branch itself, else the one above, ...), or with `every_level` all of them."""

    right: str
    organisation: Organisation
    every_level: bool = False
    except_user: Any = None

    def __post_init__(self) -> None:
        if self.right not in declared():
            raise UndeclaredRight(self.right)


@dataclasses.dataclass(frozen=True)
class MembersOf:
    """Every member with a login in `organisation` and below it, but the sender, when the notice is delivered."""

    organisation: Organisation


Recipients = Any
"""A user, an iterable of users, `Holders` or `MembersOf`."""


def named_people(recipients: Recipients) -> list[Any]:
    """The people meant by name, each once; empty for a rule."""
    if isinstance(recipients, Holders | MembersOf):
        return []
    people = list(recipients) if isinstance(recipients, Iterable) else [recipients]
    return list({person.pk: person for person in people if person is not None}.values())


def rule_of(recipients: Recipients) -> dict[str, Any]:
    """The fields of a rule as `Addressed` keeps them; empty for named people."""
    if not isinstance(recipients, Holders):
        return {}
    return {
        "right": recipients.right,
        "organisation": recipients.organisation,
        "every_level": recipients.every_level,
        "except_user": recipients.except_user,
    }


def holders_now(rule: Any) -> QuerySet[Any]:
    """The active users whom the rule of a message or task means at this moment: two queries when read."""
    users = get_user_model().objects.filter(is_active=True).exclude(pk=rule.except_user_id)
    if rule.every_level:
        return users.filter(users_with(rule.right, rule.organisation))
    grants = grants_today().filter(
        role__in=[role for role in Role.values if rule.right in rights_of(role)],
        organisation__path__in=paths_up(rule.organisation.path),
        user__in=users,
    )
    nearest = grants.order_by("-organisation__depth").values_list("organisation_id", flat=True).first()
    return users.filter(pk__in=grants.filter(organisation_id=nearest or 0).values("user_id"))


def grants_today() -> QuerySet[RoleGrant]:
    """The grants that hold today."""
    return RoleGrant.objects.filter(holding_today())


def members_now(organisation: Organisation) -> QuerySet[Any]:
    """The active users with a member file in this organisation or below it."""
    files = Member.objects.filter(subtree_filter(organisation.path, "organisation__path")).exclude(
        stage=Member.Stage.LEFT
    )
    return get_user_model().objects.filter(Q(pk__in=files.values("user_id")), is_active=True)
