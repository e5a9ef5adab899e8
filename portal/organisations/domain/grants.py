"""Appointing people to roles, and taking roles back: who may, and what must never come together."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.domain.sessions import end_sessions_of
from portal.accounts.models import SignIn
from portal.ground.audit import audit
from portal.ground.clock import today
from portal.ground.rights import declare, may
from portal.organisations.domain.rights import forget_cached_scopes, grant_role, scopes_of
from portal.organisations.models import Organisation, Role, RoleGrant

GRANT = declare("rights.grant", "授予和收回角色", "Grant and withdraw roles").code

# Whoever could appoint these would hold them through a puppet, so they are appointed on the server (manage.py appoint).
APPOINTED_ON_THE_SERVER = frozenset({Role.SYSTEM_ADMIN, Role.AUDITOR})


class GrantRefused(ValueError):
    """The person may not give or take this role there; the message is for people."""


def refuse_unless_may_grant(actor: Any, user: Any, role: str, organisation: Organisation) -> None:
    """Raise GrantRefused unless `actor` may give `role` in `organisation` to `user`, or take it away.

    A security administrator gives the roles of units in the own subtree, and makes security administrators only below the
    own top. Nobody changes the own roles.
    """
    if actor.pk == user.pk:
        raise GrantRefused(_("不能给自己授予或收回角色。请由另一位安全管理员办理。"))
    if not may(actor, GRANT, organisation):
        raise GrantRefused(_("您没有在这个组织授予或收回角色的权限。"))
    if actor.is_superuser:
        return
    if role in APPOINTED_ON_THE_SERVER:
        raise GrantRefused(_("系统管理员和审计管理员只能在服务器上用 manage.py appoint 任免，以免由一个人代替。"))
    if role == Role.SECURITY_ADMIN and not _stands_above(actor, organisation):
        raise GrantRefused(_("安全管理员只能任免下级组织的安全管理员。"))


def _stands_above(actor: Any, organisation: Organisation) -> bool:
    return any(
        scope.role == Role.SECURITY_ADMIN
        and organisation.path != scope.path
        and organisation.path.startswith(scope.path)
        for scope in scopes_of(actor)
    )


def appoint(
    actor: Any,
    user: Any,
    role: str,
    organisation: Organisation,
    *,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> RoleGrant:
    """Give `user` a role in a subtree from `valid_from` (today) to `valid_to` (open), both included.

    `actor` None is the command line. Raises GrantRefused, DutiesConflict. Writes a grant and an audit line; ends the person's
    sessions, so that new duties begin with all their conditions, such as the second factor.
    """
    if actor is not None:
        refuse_unless_may_grant(actor, user, role, organisation)
    if role == Role.SYSTEM_ADMIN and not organisation.is_root():
        raise GrantRefused(_("系统管理员管的是整个站点，只能在最上级组织任命。"))
    with transaction.atomic():
        grant = grant_role(user, role, organisation, granted_by=actor, valid_from=valid_from, valid_to=valid_to)
        end_sessions_of(user, SignIn.Ending.DUTIES)
        audit(
            actor,
            "role.granted",
            target_kind="user",
            target_uid=user.uid,
            role=role,
            organisation=str(organisation.uid),
        )
    return grant


def end_grant(actor: Any, grant: RoleGrant, valid_to: dt.date | None) -> RoleGrant:
    """Let a grant hold up to and including `valid_to` (None: open). `actor` None is the command line.

    Raises GrantRefused, DutiesConflict. Writes the grant and an audit line; ends the person's sessions.
    """
    if actor is not None:
        refuse_unless_may_grant(actor, grant.user, grant.role, grant.organisation)
    ends_now = valid_to is not None and valid_to < today()
    with transaction.atomic():
        grant.valid_to = valid_to
        grant.save(update_fields=["valid_to"])
        end_sessions_of(grant.user, SignIn.Ending.DUTIES)
        audit(
            actor,
            "role.withdrawn" if ends_now else "role.changed",
            target_kind="user",
            target_uid=grant.user.uid,
            role=grant.role,
            organisation=str(grant.organisation.uid),
            until=str(valid_to or ""),
        )
    forget_cached_scopes(grant.user)
    return grant


def withdraw(actor: Any, grant: RoleGrant) -> RoleGrant:
    """Take a role back from this moment on; the row stays as history. Raises GrantRefused. Safe to call again."""
    yesterday = today() - dt.timedelta(days=1)
    already_over = grant.valid_to is not None and grant.valid_to <= yesterday
    return end_grant(actor, grant, grant.valid_to if already_over else yesterday)
