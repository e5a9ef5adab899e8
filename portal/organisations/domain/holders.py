"""Who can do what here, and since when."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from portal.ground.clock import today
from portal.ground.rights import Right, declared, may
from portal.organisations.domain.grants import GRANT
from portal.organisations.domain.rights import current_grants, holding_today, home_of, rights_of, scopes_of
from portal.organisations.models import Organisation, Role, RoleGrant, subtree_filter

_ORDER = {role: number for number, role in enumerate(Role.values)}


@dataclasses.dataclass(frozen=True)
class Holding:
    """One person's role as it counts in one organisation."""

    grant: RoleGrant
    name: str
    where: Organisation
    since: dt.date
    until: dt.date | None
    given_by: str
    stands_in_for: str


@dataclasses.dataclass(frozen=True)
class RoleHere:
    """A role, what it allows, and who holds it here."""

    role: str
    label: str
    rights: Sequence[Right]
    holdings: Sequence[Holding]


def may_see_holders(user: Any, organisation: Organisation) -> bool:
    """Whether a person may read who can do what in an organisation: its own people and those below it, who manages it or gives
    roles there, and the auditors."""
    home = home_of(user)
    if home is not None and home.path.startswith(organisation.path):
        return True
    if may(user, "organisations.manage", organisation) or may(user, GRANT, organisation):
        return True
    return any(scope.role == Role.AUDITOR and organisation.path.startswith(scope.path) for scope in scopes_of(user))


def nearby(user: Any, organisation: Organisation) -> tuple[list[Organisation], list[Organisation]]:
    """The organisations above and directly below one in which a person may see the same: two queries."""
    steps = range(organisation.steplen, len(organisation.path), organisation.steplen)
    above = Organisation.objects.current().filter(path__in=[organisation.path[:length] for length in steps])
    below = Organisation.objects.current().filter(subtree_filter(organisation.path), depth=organisation.depth + 1)
    seen = [[row for row in rows if may_see_holders(user, row)] for rows in (above, below)]
    return seen[0], seen[1]


def roles_here(organisation: Organisation) -> list[RoleHere]:
    """Every role that somebody holds today in this organisation, given here or above: two queries."""
    steps = range(organisation.steplen, len(organisation.path) + 1, organisation.steplen)
    grants = (
        RoleGrant.objects.filter(
            holding_today(),
            organisation__path__in=[organisation.path[:length] for length in steps],
            organisation__ended_on__isnull=True,
            user__is_active=True,
        )
        .select_related("user", "organisation", "granted_by", "deputy_for__user")
        .order_by("-organisation__depth", "valid_from", "pk")
    )
    found: dict[str, list[Holding]] = {}
    for grant in grants:
        found.setdefault(grant.role, []).append(_holding(grant))
    known = declared()
    return [
        RoleHere(
            role,
            str(Role(role).label),
            [known[code] for code in sorted(rights_of(role)) if code in known],
            found[role],
        )
        for role in sorted(found, key=lambda role: _ORDER[role])
    ]


def own_grants(user: Any) -> list[Holding]:
    """The roles that a person holds today, deputies' among them."""
    grants = current_grants(user).select_related("user", "organisation", "granted_by", "deputy_for__user")
    return [_holding(grant) for grant in grants.order_by("organisation__path", "role")]


def deputies_of(user: Any) -> list[Holding]:
    """Who stands in for a person, now or later: one query."""
    deputies = (
        RoleGrant.objects.filter(deputy_for__user=user)
        .exclude(valid_to__lt=today())
        .select_related("user", "organisation", "granted_by", "deputy_for__user")
    )
    return [_holding(grant) for grant in deputies.order_by("valid_from")]


def _holding(grant: RoleGrant) -> Holding:
    return Holding(
        grant,
        str(grant.user),
        grant.organisation,
        grant.valid_from,
        grant.valid_to,
        str(grant.granted_by) if grant.granted_by else "",
        str(grant.deputy_for.user) if grant.deputy_for else "",
    )
