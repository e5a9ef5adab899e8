"""Telling people things and asking them to do things. No model is imported when this module is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.apps import apps

from plugins.sdk.runtime import is_active


@dataclasses.dataclass(frozen=True)
class HoldersOf:
    """Whoever holds a right (its full name) in an organisation when it matters, but `except_user`: those of the nearest level
    that has somebody, or with `every_level` all of them."""

    right: str
    organisation_id: int
    every_level: bool = False
    except_user: Any = None


@dataclasses.dataclass(frozen=True)
class MembersWithin:
    """Every member with a login in an organisation and below it."""

    organisation_id: int


@dataclasses.dataclass(frozen=True)
class MembersNamed:
    """The logins of members, by the members' uids; who has none is left out."""

    uids: tuple[uuid.UUID, ...]


Recipients = HoldersOf | MembersWithin | MembersNamed | Any
"""One of the three, or a user, or an iterable of users."""


def notify(key: str, recipients: Recipients, kind: str, title: str, url: str = "", *, text: str = "") -> bool:
    """Tell people something, each of them once for each `key`, after the commit; whether it was said (not while the plugin is off).

    `kind` is the full name of a `NoticeType` of the plugin ("quizzes.due"); `key` begins with the plugin's slug and a point or a
    colon and holds the uid of the matter, at most 150 characters. `title` (200 characters) and `text` are shown on the site alone;
    e-mail and the like carry a general sentence. `url` is a path of this site or empty. Raises ValueError for another's key or a
    foreign address, LookupError for a kind or organisation that is not there.
    """
    slug = _slug_of(kind, key)
    if not is_active(slug):
        return False
    _notices().notify(key, _meant(recipients), kind, title, url, text=text)
    return True


def open_task(
    key: str,
    assignees: Recipients,
    kind: str,
    title: str,
    url: str,
    due_on: dt.date | None = None,
    *,
    by_hand: bool = False,
    announce: bool = False,
) -> bool:
    """Say that something is to be done until `close_task(key)`; whether it was said (not while the plugin is off). Calling again
    puts other words, days and people in place of the old ones. `by_hand` lets an assignee tick it off, `announce` tells the assignees by a
    notice as well. Members of an organisation cannot be asked as such (TypeError). Raises as `notify` does.
    """
    slug = _slug_of(kind, key)
    if not is_active(slug):
        return False
    _notices().open_task(key, _meant(assignees), title, url, due_on, kind=kind, by_hand=by_hand, announce=announce)
    return True


def close_task(key: str, *, by: Any = None) -> bool:
    """Say that a task is done or no longer needed; whether it was open. Safe to repeat, and works while the plugin is off."""
    closed: bool = _notices().close_task(key, by=by)
    return closed


def _notices() -> Any:
    return import_module("portal.notices.domain")


def _slug_of(kind: str, key: str) -> str:
    slug = kind.partition(".")[0]
    if not key.startswith((f"{slug}.", f"{slug}:")):
        raise ValueError(f'the key "{key}" must begin with "{slug}." or "{slug}:"')
    return slug


def _meant(recipients: Recipients) -> Any:
    if isinstance(recipients, HoldersOf):
        where = _organisation(recipients.organisation_id)
        return _notices().Holders(recipients.right, where, recipients.every_level, recipients.except_user)
    if isinstance(recipients, MembersWithin):
        return _notices().MembersOf(_organisation(recipients.organisation_id))
    if isinstance(recipients, MembersNamed):
        members = apps.get_model("organisations", "Member")._default_manager
        ids = members.filter(uid__in=recipients.uids, user__isnull=False).values("user_id")
        return list(apps.get_model("accounts", "User")._default_manager.filter(pk__in=ids).order_by("pk"))
    return list(recipients) if isinstance(recipients, Iterable) else recipients


def _organisation(organisation_id: int) -> Any:
    row = apps.get_model("organisations", "Organisation")._default_manager.filter(pk=organisation_id).first()
    if row is None:
        raise LookupError(f"no organisation {organisation_id}")
    return row
