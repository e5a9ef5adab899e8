"""Password profiles: rule packs with their source. Which one holds is the setting `PASSWORD_PROFILE`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import tomllib
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).resolve().parent.parent / "password_profiles"


class UnknownProfile(ValueError):
    """There is no rule pack of that name."""


@dataclasses.dataclass(frozen=True)
class PasswordProfile:
    """What a password must be and how long a session may last. `classes` counts kinds of characters (lower case, upper case,
    digits, others); an expiry of 0 days means never, `remembered` 0 means that old passwords may return."""

    name: str
    label: str
    label_en: str
    source: str
    source_item: str
    in_force_from: dt.date
    minimum_length: int
    classes: int
    expires_after_days: int
    remembered: int
    breach_list: bool
    idle_minutes: int
    longest_hours: int


@functools.cache
def read_profile(name: str) -> PasswordProfile:
    """The rule pack of that name. Raises UnknownProfile."""
    path = FOLDER / f"{name}.toml"
    if not name.isalnum() or not path.is_file():
        known = ", ".join(sorted(found.stem for found in FOLDER.glob("*.toml")))
        raise UnknownProfile(f"PASSWORD_PROFILE must be one of {known}, not {name!r}")
    with path.open("rb") as file:
        pack = tomllib.load(file)
    return PasswordProfile(**pack.pop("password"), **pack.pop("session"), **pack)


def current_profile() -> PasswordProfile:
    """The profile of this installation."""
    return read_profile(settings.PASSWORD_PROFILE)


def idle_limit() -> dt.timedelta:
    """How long a session may rest before it ends."""
    return dt.timedelta(minutes=settings.SESSION_IDLE_MINUTES or current_profile().idle_minutes)


def longest_session() -> dt.timedelta:
    """How long a session may last at all."""
    return dt.timedelta(hours=settings.SESSION_HOURS or current_profile().longest_hours)
