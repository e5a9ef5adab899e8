"""Telling people and asking them, from the layers below `portal.notices`: written here, carried out there.

Whoever may import `portal.notices.domain` calls that instead: it has more to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from portal.ground.outbox import emit

REQUESTED = "notices.requested"


def tell(
    key: str,
    kind: str,
    title: str,
    url: str = "",
    *,
    user_uids: Iterable[Any] = (),
    right: str = "",
    organisation_uid: Any = None,
) -> None:
    """Ask that people be told, in the open transaction: those with these uids, or whoever holds `right` in an organisation.
    As `portal.notices.domain.notify`; what that refuses is parked with its reason. Emits `notices.requested`."""
    _request("notify", key, kind, title, url, user_uids=user_uids, right=right, organisation_uid=organisation_uid)


def ask(
    key: str,
    title: str,
    url: str,
    due_on: dt.date | None = None,
    *,
    kind: str = "notices.task",
    user_uids: Iterable[Any] = (),
    right: str = "",
    organisation_uid: Any = None,
) -> None:
    """Ask that a task be open, in the open transaction. As `portal.notices.domain.open_task`. Emits `notices.requested`."""
    people = {"user_uids": user_uids, "right": right, "organisation_uid": organisation_uid}
    _request("open", key, kind, title, url, due_on=due_on.isoformat() if due_on else None, **people)


def ask_no_more(key: str, *, by_uid: Any = None) -> None:
    """Ask that a task be closed, in the open transaction; `by_uid` is the user who did it. Emits `notices.requested`."""
    emit(REQUESTED, {"what": "close", "key": key, "by": str(by_uid) if by_uid else None})


def _request(what: str, key: str, kind: str, title: str, url: str, **rest: Any) -> None:
    organisation = rest.pop("organisation_uid")
    users = [str(uid) for uid in rest.pop("user_uids")]
    emit(
        REQUESTED,
        {
            "what": what,
            "key": key,
            "kind": kind,
            "title": title,
            "url": url,
            "users": users,
            "organisation": str(organisation) if organisation else None,
            **rest,
        },
    )
