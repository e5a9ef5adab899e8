"""Signing in: who somebody is, and what still has to be done before the site opens."""

from __future__ import annotations

import dataclasses

from django.contrib.auth import authenticate
from django.http import HttpRequest

from portal.accounts.domain import attempts
from portal.accounts.domain.devices import Device
from portal.accounts.domain.handles import user_by_login
from portal.accounts.domain.passwords import is_one_time_password_over, is_password_due
from portal.accounts.domain.second_factor import WrongCode, has_second_factor, is_obliged, verify_code
from portal.accounts.models import User

FACTOR, ENROL, PASSWORD = "factor", "enrol", "password"
LOCAL_BACKEND = "portal.accounts.backends.LoginHandleBackend"


class WrongCredentials(ValueError):
    """Name, password or code is wrong, or there is no such account, or it is disabled: nobody is told which."""


class OneTimePasswordOver(ValueError):
    """The one-time password was right, but its 72 hours are over."""


@dataclasses.dataclass(frozen=True)
class Entered:
    """Who signed in. `with_code` says that the second factor was given with the password."""

    user: User
    with_code: bool


def check_credentials(
    request: HttpRequest, login: str, password: str, *, code: str = "", address: str, device: Device | None
) -> Entered:
    """The person behind a login and a password, and a code where one is given.

    Raises WrongCredentials, OneTimePasswordOver, or attempts.TryLater without looking at the password. Writes the counters. An
    unknown name costs as many queries and as much hashing as a known one.
    """
    person = user_by_login(login)
    origin = attempts.Origin(address, device.id if device else "", bool(device and device.knows(person)))
    with_code = bool(code.strip())
    attempts.refuse_too_many(login, origin, with_code=with_code)
    user = authenticate(request, username=login, password=password)
    if not isinstance(user, User) or (with_code and not _is_right(user, code)):
        attempts.count_failure(login, origin, person, with_code=with_code)
        raise WrongCredentials
    if is_one_time_password_over(user):
        raise OneTimePasswordOver
    attempts.forget_failures(login, origin)
    return Entered(user, with_code)


def _is_right(user: User, code: str) -> bool:
    try:
        verify_code(user, code)
    except WrongCode:
        return False
    return True


def steps_left(user: User, *, backend: str, with_code: bool) -> list[str]:
    """What must be done before anything else opens: `factor` (give the code), `enrol` (set up the second factor), `password`
    (choose a new one). Three queries at most."""
    steps = []
    if has_second_factor(user):
        if not with_code:
            steps.append(FACTOR)
    elif is_obliged(user):
        steps.append(ENROL)
    if backend == LOCAL_BACKEND and is_password_due(user):
        steps.append(PASSWORD)
    return steps


def verify_factor(user: User, code: str, *, address: str, device: Device | None) -> None:
    """Check the code of somebody whose password was right already. Raises WrongCode, or attempts.TryLater after five wrong
    ones from here."""
    origin = attempts.Origin(address, device.id if device else "", bool(device and device.knows(user)))
    name = f"factor {user.uid}"
    attempts.refuse_too_many(name, origin, with_code=True)
    try:
        verify_code(user, code)
    except WrongCode:
        attempts.count_failure(name, origin, user, with_code=True)
        raise
    attempts.forget_failures(name, origin)


def check_own_password(user: User, password: str, *, address: str, device: Device | None) -> None:
    """Check the password of somebody who is signed in, before something sensitive. Raises WrongCredentials, or
    attempts.TryLater after five wrong ones from here: a session left open must not serve for guessing."""
    origin = attempts.Origin(address, device.id if device else "", bool(device and device.knows(user)))
    name = f"own {user.uid}"
    attempts.refuse_too_many(name, origin)
    if not user.check_password(password):
        attempts.count_failure(name, origin, user)
        raise WrongCredentials
    attempts.forget_failures(name, origin)
