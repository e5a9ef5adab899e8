"""Devices that signed in here before, known by a signed cookie. The cookie opens nothing: it only gives a device a count of
failures of its own (`domain.attempts`), and says who signed in on it."""

from __future__ import annotations

import dataclasses
import secrets

from django.core import signing

from portal.accounts.domain.handles import keyed_hash
from portal.accounts.models import User
from portal.ground.clock import now

COOKIE = "linghang_device"
DAYS = 180
PEOPLE = 20
_SALT = "portal.accounts.device"


@dataclasses.dataclass(frozen=True)
class Device:
    """A device: its random id, and keyed hashes of the people who signed in on it, newest last."""

    id: str
    people: tuple[str, ...] = ()

    def knows(self, user: User | None) -> bool:
        """Whether this person signed in on it."""
        return user is not None and _mark(user) in self.people


def _mark(user: User) -> str:
    return keyed_hash("device", str(user.uid))[:16]


def read_device(cookie: str) -> Device | None:
    """The device of a cookie, or None when it is forged, torn or too old."""
    if not cookie or len(cookie) > 2000:
        return None
    try:
        data = signing.loads(cookie, salt=_SALT)
        if now().timestamp() - data["t"] > DAYS * 86400:
            return None
        return Device(str(data["d"]), tuple(str(mark) for mark in data["p"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def cookie_after_sign_in(device: Device | None, user: User) -> str:
    """The cookie's value once `user` has signed in completely."""
    device = device or Device(secrets.token_urlsafe(12))
    others = [mark for mark in device.people if mark != _mark(user)]
    people = [*others[-(PEOPLE - 1) :], _mark(user)]
    return signing.dumps({"d": device.id, "p": people, "t": int(now().timestamp())}, salt=_SALT)
