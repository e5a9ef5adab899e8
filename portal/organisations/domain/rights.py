"""Who may do what where: role × subtree × time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from portal.ground.clock import today
from portal.ground.prepared import Prepared
from portal.ground.rights import declare
from portal.ground.suppliers import ANONYMOUS, Viewer
from portal.organisations.domain.people import member_of
from portal.organisations.models import Member, Organisation, Role, RoleGrant, subtree_filter

declare("admin.enter", "进入管理后台", "Enter the administration")
declare("organisations.manage", "管理组织与党员", "Manage organisations and members")

_reserved: set[str] = set()
_rights_of_role: dict[str, set[str]] = {role: set() for role in Role.values}


@dataclasses.dataclass(frozen=True)
class Scope:
    """A role someone holds now, and the top of the subtree it holds in."""

    role: str
    organisation_id: int
    path: str


def give(role: str, *codes: str) -> None:
    """Give rights to a role everywhere it is granted. Called in the `AppConfig.ready` of the app that declares them."""
    _rights_of_role[role].update(codes)


def reserve(code: str) -> None:
    """Have a right held only by those to whom a role gives it, never by superusers: who can change everything must not also
    read what was written about it (等保 level 3, GB/T 22239-2019, 8.1.5.2)."""
    _reserved.add(code)


def rights_of(role: str) -> frozenset[str]:
    """The rights a role carries."""
    return frozenset(_rights_of_role[role])


def scopes_of(user: Any) -> tuple[Scope, ...]:
    """The roles `user` holds today, read once for this user object (two queries): grants, and `member` by a member file."""
    cached: tuple[Scope, ...] | None = getattr(user, "_scopes", None)
    if cached is not None:
        return cached
    scopes = [Scope(*row) for row in _SCOPES.rows(ANONYMOUS, today(), user_id=user.pk)]
    home = home_of(user)
    if home is not None:
        scopes.append(Scope(Role.MEMBER, home.pk, home.path))
    user._scopes = tuple(scopes)
    return user._scopes


def _scopes(viewer: Viewer, day: dt.date, *, user_id: int) -> QuerySet[RoleGrant, tuple[str, int, str]]:
    """`day` is today: it only tells the statements of two days apart."""
    grants = RoleGrant.objects.filter(holding_today(), user_id=user_id, organisation__ended_on__isnull=True)
    return grants.values_list("role", "organisation_id", "organisation__path")


_SCOPES = Prepared(_scopes)  # asked in every request of everybody; who asks makes no difference to the statement


def current_grants(user: Any) -> QuerySet[RoleGrant]:
    """The grants of `user` that hold today."""
    return RoleGrant.objects.filter(holding_today(), user_id=user.pk)


def holding_today() -> Q:
    """A filter on grants: those that hold today. A deputy's holds only as long as the one that it stands in for."""
    day = today()
    own = Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))
    represented = Q(deputy_for__isnull=True) | Q(deputy_for__valid_to__isnull=True) | Q(deputy_for__valid_to__gte=day)
    return own & represented


def home_of(user: Any) -> Organisation | None:
    """The organisation of the user's member file, or None; None also while the membership is suspended (停止党籍)."""
    member = member_of(user)
    if member is None or member.stage == Member.Stage.SUSPENDED:
        return None
    return member.organisation


def forget_cached_scopes(user: Any) -> None:
    """Forget what was read for this user object, after a grant changed."""
    for name in ("_scopes", "_member_file", "_viewer"):
        if hasattr(user, name):
            delattr(user, name)


def judge(user: Any, right: str, where: Any = None) -> bool:
    """Whether `user` holds `right` in `where`: an organisation, an object with `owner_organisation` (or `organisation`), or
    None for anywhere. Superusers hold every right that is not reserved."""
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser and right not in _reserved:
        return True
    holding = [scope for scope in scopes_of(user) if right in _rights_of_role.get(scope.role, ())]
    if not holding or where is None:
        return bool(holding)
    organisation = organisation_of(where)
    return organisation is not None and any(organisation.path.startswith(scope.path) for scope in holding)


def may_site_wide(user: Any, right: str) -> bool:
    """Whether `user` holds `right` over a whole tree: asked for what belongs to no organisation and counts for all of them."""
    paths = paths_where(user, right) if judge(user, right) else []
    return paths is None or any(len(path) == Organisation.steplen for path in paths)


def organisation_of(where: Any) -> Organisation | None:
    """The organisation that a thing belongs to."""
    if isinstance(where, Organisation):
        return where
    owner = getattr(where, "owner_organisation", None) or getattr(where, "organisation", None)
    return owner if isinstance(owner, Organisation) else None


def paths_where(user: Any, right: str) -> list[str] | None:
    """Tree paths of the subtrees in which `user` holds `right`, smallest set; None means everywhere."""
    if user.is_superuser and right not in _reserved:
        return None
    paths = sorted({scope.path for scope in scopes_of(user) if right in _rights_of_role.get(scope.role, ())})
    return [path for path in paths if not any(path != top and path.startswith(top) for top in paths)]


def within_paths(paths: list[str] | None, field: str) -> Q:
    """A filter on the organisation path field (such as "owner_organisation__path") for `paths_where`'s answer."""
    if paths is None:
        return Q()
    condition = Q(pk__in=[])
    for path in paths:
        condition |= subtree_filter(path, field)
    return condition


def users_with(right: str, where: Organisation) -> Q:
    """A filter on users: those who hold `right` in `where` today."""
    roles = [role for role, codes in _rights_of_role.items() if right in codes]
    steps = range(where.steplen, len(where.path) + 1, where.steplen)
    grants = RoleGrant.objects.filter(
        holding_today(), role__in=roles, organisation__path__in=[where.path[:n] for n in steps]
    )
    return Q(pk__in=grants.values("user_id"))


def grant_role(user: Any, role: str, organisation: Organisation, *, granted_by: Any = None, **dates: Any) -> RoleGrant:
    """Give `user` a role in a subtree, from today unless `valid_from` says otherwise. Safe to repeat the same day.

    Asks nobody: what a person does goes through `domain.grants.appoint`. Raises DutiesConflict for a second one of the three
    administrators' duties.
    """
    grant, _ = RoleGrant.objects.get_or_create(
        user=user,
        role=role,
        organisation=organisation,
        valid_from=dates.get("valid_from") or today(),
        defaults={"granted_by": granted_by, "valid_to": dates.get("valid_to")},
    )
    forget_cached_scopes(user)
    return grant
