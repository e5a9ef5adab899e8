"""Deputies (代理): somebody stands in for a role for a period, and not a day longer than the role itself is held."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.domain.sessions import end_sessions_of
from portal.accounts.models import SignIn
from portal.ground.audit import audit
from portal.ground.clock import today
from portal.organisations.domain.grants import GrantRefused, end_grant, refuse_unless_may_grant, withdraw
from portal.organisations.domain.people import member_of
from portal.organisations.domain.rights import forget_cached_scopes, holding_today
from portal.organisations.models import RoleGrant
from portal.organisations.models.grant import SEPARATED_DUTIES

LONGEST = dt.timedelta(days=92)
"""How long somebody may stand in: about a quarter. Longer, and the role itself should be given."""


def name_deputy(
    actor: Any, grant: RoleGrant, user: Any, *, valid_from: dt.date, valid_to: dt.date, reason: str = ""
) -> RoleGrant:
    """Have `user` stand in for the holder of `grant` from `valid_from` to `valid_to`, both included.

    `actor` is the holder, or somebody who may give the role there. The deputy has to belong to the organisation of the
    grant or to one below it. Raises GrantRefused. Writes a grant and an audit line.
    """
    if actor.pk != grant.user_id:
        refuse_unless_may_grant(actor, user, grant.role, grant.organisation)
    _refuse_unfit(grant, user)
    _refuse_bad_dates(grant, valid_from, valid_to)
    with transaction.atomic():
        holder = RoleGrant.objects.select_for_update(of=("self",)).filter(holding_today(), pk=grant.pk).first()
        if holder is None:
            raise GrantRefused(_("这项授权已经结束，不能再请人代理。"))
        again = RoleGrant.objects.filter(
            user=user,
            role=grant.role,
            organisation=grant.organisation,
            valid_to__gte=valid_from,
            valid_from__lte=valid_to,
        )
        if again.exists():
            raise GrantRefused(_("这个人在这段时间里已经有这个角色。"))
        deputy = RoleGrant.objects.create(
            user=user,
            role=grant.role,
            organisation=grant.organisation,
            valid_from=valid_from,
            valid_to=valid_to,
            granted_by=actor,
            deputy_for=grant,
            reason=reason,
        )
        end_sessions_of(user, SignIn.Ending.DUTIES)
        audit(
            actor,
            "deputy.named",
            target_kind="user",
            target_uid=user.uid,
            role=grant.role,
            organisation=str(grant.organisation.uid),
            stands_in_for=str(grant.user.uid),
            until=str(valid_to),
        )
    forget_cached_scopes(user)
    return deputy


def end_deputy(actor: Any, deputy: RoleGrant) -> RoleGrant:
    """End it from this moment on. The holder may, and whoever may take the role away. Raises GrantRefused."""
    if deputy.deputy_for is None:
        raise GrantRefused(_("这不是代理授权。"))
    if actor.pk == deputy.deputy_for.user_id:
        return end_grant(None, deputy, today() - dt.timedelta(days=1))
    return withdraw(actor, deputy)


def _refuse_unfit(grant: RoleGrant, user: Any) -> None:
    if grant.deputy_for_id is not None:
        raise GrantRefused(_("代理人不能再请别人代理。"))
    if grant.role in SEPARATED_DUTIES:
        raise GrantRefused(_("系统、安全、审计三类管理员不能由别人代理，请另行任命。"))
    if user.pk == grant.user_id:
        raise GrantRefused(_("不能请自己代理。"))
    member = member_of(user)
    if not user.is_active or member is None or not member.organisation.path.startswith(grant.organisation.path):
        raise GrantRefused(_("代理人必须是这个党组织或其下级党组织的党员，账号在用。"))


def _refuse_bad_dates(grant: RoleGrant, valid_from: dt.date, valid_to: dt.date) -> None:
    if valid_from < today() or valid_to < valid_from:
        raise GrantRefused(_("代理期间不对：开始不能早于今天，结束不能早于开始。"))
    if valid_to - valid_from > LONGEST:
        raise GrantRefused(_("代理期最长 92 天。时间更长的，请直接授予角色。"))
    if grant.valid_to is not None and valid_to > grant.valid_to:
        raise GrantRefused(_("代理不能晚于授权本身的到期日。"))
