"""Opening, closing and repairing accounts. Each act asks for the right in the account's own organisation and is audited.

The accounts of the three administrators and of superusers are out of reach of the web: whoever could reset them could work in
their place. They are looked after on the server (`manage.py account`), where `actor` is None.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.account_admin.models import AccountHome
from portal.accounts.domain.attempts import forget_failures_of
from portal.accounts.domain.handles import HandleTaken, add_handle
from portal.accounts.domain.passwords import give_one_time_password
from portal.accounts.domain.second_factor import remove_second_factor
from portal.accounts.domain.sessions import end_sessions_of
from portal.accounts.models import LoginHandle, SignIn, User
from portal.ground.audit import audit
from portal.ground.rights import declare, may
from portal.organisations.domain.rights import current_grants, forget_cached_scopes, paths_where, within_paths
from portal.organisations.models import SEPARATED_DUTIES, Member, Organisation

MANAGE = declare(
    "accounts.manage", "管理账号：开户、停用、重置、解除限制", "Manage accounts: open, disable, reset, unlock"
).code


class AccountRefused(ValueError):
    """The account may not be touched that way; the message is for people."""


def accounts_within(actor: Any) -> QuerySet[User]:
    """The accounts that `actor` may manage: those of members of the own subtrees, and those opened for an organisation there."""
    paths = paths_where(actor, MANAGE)
    if paths is None:
        return User.objects.all()
    by_member = within_paths(paths, "member__organisation__path")
    opened_for = Q(member__isnull=True) & within_paths(paths, "home__organisation__path")
    return User.objects.filter(by_member | opened_for)


def organisation_of_account(user: User) -> Organisation | None:
    """Where an account belongs: the member file's organisation, else the one it was opened for."""
    member = Member.objects.filter(user=user).select_related("organisation").first()
    if member is not None:
        return member.organisation
    home = AccountHome.objects.filter(user=user).select_related("organisation").first()
    return home.organisation if home else None


def why_untouchable(actor: Any, user: User) -> str:
    """The sentence why `actor` may not touch this account, or an empty text. `actor` None is the command line."""
    if actor is None:
        return ""
    if actor.pk == user.pk:
        return _("这是您自己的账号。请在“账号与安全”中处理，或请另一位安全管理员办理。")
    if not accounts_within(actor).filter(pk=user.pk).exists():
        return _("这个账号不在您管理的组织范围内。")
    if user.is_superuser or current_grants(user).filter(role__in=SEPARATED_DUTIES).exists():
        return _("系统、安全、审计管理员的账号只能在服务器上用 manage.py account 处理，以免由一个人代替。")
    return ""


def _refuse_untouchable(actor: Any, user: User) -> None:
    if reason := why_untouchable(actor, user):
        raise AccountRefused(reason)


def open_account(
    actor: Any,
    *,
    username: str,
    display_name: str,
    organisation: Organisation,
    member: Member | None = None,
    work_number: str = "",
    phone: str = "",
) -> tuple[User, str]:
    """Open an account for an organisation and give its one-time password back, which is shown once.

    `member` is the file of the person, in that organisation and without an account. Raises AccountRefused. Writes the user, its
    handles and audit lines.
    """
    if actor is not None and not may(actor, MANAGE, organisation):
        raise AccountRefused(_("您不能在这个组织开户。"))
    if member is not None and (member.organisation_id != organisation.pk or member.user_id is not None):
        raise AccountRefused(_("这位党员不在这个组织，或者已经有账号。"))
    username = username.strip()
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise AccountRefused(_("用户名只能用文字、数字和 @ . + - _。")) from None
    try:
        with transaction.atomic():
            user = User.objects.create(username=username, display_name=display_name.strip())
            AccountHome.objects.create(user=user, organisation=organisation)
            for kind, value in ((LoginHandle.Kind.WORK_NUMBER, work_number), (LoginHandle.Kind.PHONE, phone)):
                if value.strip():
                    add_handle(user, kind, value)
            if member is not None:
                member.user = user
                member.save(update_fields=["user"])
            audit(
                actor,
                "account.opened",
                target_kind="user",
                target_uid=user.uid,
                organisation=str(organisation.uid),
            )
            password = give_one_time_password(actor, user)
    except HandleTaken:
        raise AccountRefused(_("这个手机号或工号已经是另一个账号的登录名。")) from None
    except IntegrityError:
        raise AccountRefused(_("这个用户名已经有人使用。")) from None
    forget_cached_scopes(user)
    return user, password


def reset_password(actor: Any, user: User) -> str:
    """A one-time password for somebody who forgot the own one; ends the person's sessions. Raises AccountRefused."""
    _refuse_untouchable(actor, user)
    return give_one_time_password(actor, user)


def disable_account(actor: Any, user: User) -> None:
    """Close an account: nobody signs in by it, and its sessions end at their next request. Raises AccountRefused."""
    _refuse_untouchable(actor, user)
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_sessions_of(user, SignIn.Ending.ADMINISTRATOR)
        audit(actor, "account.disabled", target_kind="user", target_uid=user.uid)


def enable_account(actor: Any, user: User) -> None:
    """Open a closed account again. Raises AccountRefused."""
    _refuse_untouchable(actor, user)
    with transaction.atomic():
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit(actor, "account.enabled", target_kind="user", target_uid=user.uid)


def lift_pause(actor: Any, user: User) -> None:
    """Let somebody who is kept waiting for wrong passwords sign in at once, from everywhere. Raises AccountRefused."""
    _refuse_untouchable(actor, user)
    with transaction.atomic():
        forget_failures_of(user)
        audit(actor, "account.pause_lifted", target_kind="user", target_uid=user.uid)


def take_second_factor_away(actor: Any, user: User) -> None:
    """For a lost telephone: the person signs in with the password and, if obliged, sets up another one. Raises AccountRefused."""
    _refuse_untouchable(actor, user)
    with transaction.atomic():
        remove_second_factor(actor, user)
        end_sessions_of(user, SignIn.Ending.ADMINISTRATOR)


def sign_out_everywhere(actor: Any, user: User) -> None:
    """End all sessions of an account. Raises AccountRefused."""
    _refuse_untouchable(actor, user)
    with transaction.atomic():
        end_sessions_of(user, SignIn.Ending.ADMINISTRATOR)
        audit(actor, "account.signed_out_everywhere", target_kind="user", target_uid=user.uid)
