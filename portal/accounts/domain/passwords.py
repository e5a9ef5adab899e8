"""Setting, resetting and ageing of passwords."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction

from portal.accounts.domain.profiles import current_profile
from portal.accounts.domain.sessions import end_sessions_of
from portal.accounts.models import OldPassword, SignIn, User
from portal.ground.audit import audit
from portal.ground.clock import now

ONE_TIME_HOURS = 72
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


def remember_password(user: User) -> None:
    """Keep the hash of the password just set and forget those that no rule asks for. Called by the validators for every
    password, whoever sets it."""
    keep = max(current_profile().remembered, 1)
    moment = now()
    OldPassword.objects.create(user=user, password=user.password, set_at=moment)
    surplus = OldPassword.objects.filter(user=user).values_list("pk", flat=True)[keep:]
    OldPassword.objects.filter(pk__in=list(surplus)).delete()
    user.password_changed_at = moment
    User.objects.filter(pk=user.pk).update(password_changed_at=moment)


def is_password_due(user: User) -> bool:
    """Whether the person must choose a new password before anything else: told so, or the old one's time is over."""
    if not user.has_usable_password():
        return False
    if user.must_change_password:
        return True
    days = current_profile().expires_after_days
    since = user.password_changed_at or user.date_joined
    return bool(days) and now() - since >= dt.timedelta(days=days)


def is_one_time_password_over(user: User) -> bool:
    """Whether the password was given out for one use and nobody used it in time."""
    return user.must_change_password and user.one_time_until is not None and user.one_time_until < now()


def change_password(user: User, password: str, *, keep_key: str = "") -> None:
    """Set the person's own new password, already validated. Ends all sessions but the one with `keep_key`.

    Writes the user, the history and an audit line.
    """
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = False
        user.one_time_until = None
        user.save()
        end_sessions_of(user, SignIn.Ending.PASSWORD, keep_key=keep_key)
        audit(user, "account.password_changed", target_kind="user", target_uid=user.uid)


def give_one_time_password(actor: Any, user: User) -> str:
    """Set and return a password that opens once within 72 hours and must be changed then. Ends all sessions.

    `actor` None is the command line. Writes the user and an audit line, which does not hold the password. Sends nothing.
    """
    password = new_password()
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = True
        user.one_time_until = now() + dt.timedelta(hours=ONE_TIME_HOURS)
        user.save()
        end_sessions_of(user, SignIn.Ending.ADMINISTRATOR)
        audit(actor, "account.password_reset", target_kind="user", target_uid=user.uid)
    return password


def new_password() -> str:
    """Three groups of four letters and digits that cannot be mistaken for each other (about 58 bits), with two digits at least
    so that every profile accepts it."""
    while True:
        drawn = [secrets.choice(_LETTERS + _DIGITS) for _ in range(12)]
        if sum(c in _DIGITS for c in drawn) >= 2 and any(c in _LETTERS for c in drawn):
            return "-".join("".join(drawn[n : n + 4]) for n in (0, 4, 8))
