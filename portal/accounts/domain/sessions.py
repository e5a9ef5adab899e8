"""Sessions: how long they last, and ending them from elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from portal.accounts.domain.profiles import idle_limit, longest_session
from portal.accounts.models import SignIn, User
from portal.ground.audit import audit
from portal.ground.clock import now

KEEP_DAYS = 180
TOUCH_SECONDS = 60
BEGAN, SEEN = "accounts.began", "accounts.seen"


def record_sign_in(user: User, session: Any, *, method: str, address: str, browser: str) -> SignIn:
    """Write that a session began, and when, into the session too."""
    moment = now()
    session[BEGAN] = session[SEEN] = int(moment.timestamp())
    return SignIn.objects.create(
        user=user,
        session_key=session.session_key or "",
        method=method[:40],
        address=address[:45],
        browser=browser[:200],
        began_at=moment,
        seen_at=moment,
    )


def why_over(session: Any) -> str:
    """The reason (a `SignIn.Ending`) why this session must end now, or an empty text."""
    moment = now().timestamp()
    if moment - session.get(BEGAN, 0) >= longest_session().total_seconds():
        return SignIn.Ending.TOO_LONG
    if moment - session.get(SEEN, 0) >= idle_limit().total_seconds():
        return SignIn.Ending.IDLE
    return ""


def touch(session: Any) -> None:
    """Note that the person is there, at most once a minute."""
    moment = now()
    if moment.timestamp() - session.get(SEEN, 0) >= TOUCH_SECONDS:
        session[SEEN] = int(moment.timestamp())
        SignIn.objects.filter(session_key=session.session_key, ended_at__isnull=True).update(seen_at=moment)


def close(session_key: str, ending: str) -> None:
    """Write that the sign-in behind a session is over."""
    SignIn.objects.filter(session_key=session_key, ended_at__isnull=True).update(ended_at=now(), ending=ending)


def rekey(old_key: str, new_key: str) -> None:
    """The session goes on under another key."""
    SignIn.objects.filter(session_key=old_key, ended_at__isnull=True).update(session_key=new_key)


def open_sign_ins(user: User) -> QuerySet[SignIn]:
    """Where the person is signed in now, newest activity first."""
    moment = now()
    return SignIn.objects.filter(
        user=user,
        ended_at__isnull=True,
        began_at__gt=moment - longest_session(),
        seen_at__gt=moment - idle_limit() - dt.timedelta(seconds=TOUCH_SECONDS),
    ).order_by("-seen_at", "-pk")


def end_sign_in(user: User, sign_in: SignIn) -> None:
    """End one of the person's own sign-ins: that device is signed out at its next request. Writes an audit line."""
    with transaction.atomic():
        store = import_module(settings.SESSION_ENGINE).SessionStore
        store(sign_in.session_key).delete()
        close(sign_in.session_key, SignIn.Ending.REMOVED)
        audit(user, "account.device_signed_out", target_kind="user", target_uid=user.uid)


def end_sessions(user_ids: Iterable[int], ending: str, *, keep_key: str = "") -> None:
    """End every session of these users at their next request, wherever they are: two queries, however many they are.

    The sign-in of the session `keep_key` stays open; its own request must give that session the new hash.
    """
    ids = list(user_ids)
    if not ids:
        return
    with transaction.atomic():
        User.objects.filter(pk__in=ids).update(session_epoch=F("session_epoch") + 1)
        open_ones = SignIn.objects.filter(user_id__in=ids, ended_at__isnull=True).exclude(session_key=keep_key or "-")
        open_ones.update(ended_at=now(), ending=ending)


def end_sessions_of(user: User, ending: str, *, keep_key: str = "") -> None:
    """The same for one person; the object in hand knows the new epoch, so that it can open a session."""
    end_sessions([user.pk], ending, keep_key=keep_key)
    user.refresh_from_db(fields=["session_epoch"])


def forget_old_sign_ins() -> int:
    """Delete what is older than half a year; returns how many."""
    return SignIn.objects.filter(began_at__lt=now() - dt.timedelta(days=KEEP_DAYS)).delete()[0]
