"""Opening a video and recording beacons: the only two ways in which watching is written.

A client says which seconds it played; the server believes it only as far as its own clock allows. Across all tabs, devices,
sessions and videos of a person, at most `elapsed server time × ALLOWED_RATE + SLACK_MS` can ever be credited.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import logging
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from portal.ground.clock import now
from portal.watching.domain.evidence import (
    END_TOLERANCE_MS,
    SLACK_MS,
    Span,
    credit_after,
    is_watched,
    length_ms,
    union,
)
from portal.watching.models import Watched, WatchSession

log = logging.getLogger(__name__)


class WatchingRefused(Exception):
    """A beacon earned nothing. The subclass says why."""


class WatchingElsewhere(WatchingRefused):
    """The token was used before, or the person has opened a video in another tab or device since."""


class ImplausibleClaim(WatchingRefused):
    """More video time is claimed than can have passed, or seconds that the video does not have."""


class BeaconChanged(WatchingRefused):
    """A beacon's id came again with other content."""


@dataclasses.dataclass(frozen=True)
class Beacon:
    """What a player reports: its own id for this report, the token of the last answer, the spans played since, and where it
    stands now (milliseconds)."""

    uid: uuid.UUID
    token: uuid.UUID
    spans: tuple[Span, ...]
    position_ms: int

    @property
    def digest(self) -> str:
        """Fingerprint of everything but the id."""
        content = json.dumps([str(self.token), self.spans, self.position_ms])
        return hashlib.sha256(content.encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Watch:
    """Where a person stands with one video. `token` is for the next beacon."""

    position_ms: int = 0
    watched_ms: int = 0
    spans: tuple[Span, ...] = ()
    token: uuid.UUID | None = None

    def share(self, duration_ms: int | None) -> int:
        """Whole per cent of the video seen, 100 only when all that counts was seen."""
        if not duration_ms:
            return 0
        if is_watched(self.watched_ms, duration_ms):
            return 100
        return min(99, self.watched_ms * 100 // duration_ms)


def open_watching(user: Any, subject: uuid.UUID) -> Watch:
    """Begin or go on watching `subject` here; a session elsewhere ends. Gives the saved position and the first token.

    Writes the person's WatchSession. Opening again and again gains nothing: at most SLACK_MS can be claimed at once.
    """
    moment = now()
    with transaction.atomic():
        session = WatchSession.objects.select_for_update().filter(user=user).first()
        if session is None:
            session = WatchSession(user=user, credit_ms=SLACK_MS, counted_at=moment)
        else:
            session.credit_ms = credit_after(session.credit_ms, moment - session.counted_at, limit_ms=SLACK_MS)
            session.counted_at = moment
        session.subject, session.token = subject, uuid.uuid4()
        session.last_beacon, session.last_digest = None, ""
        session.save()
        return _watch_of(Watched.objects.filter(user=user, subject=subject).first(), session.token)


def record_beacon(user: Any, subject: uuid.UUID, beacon: Beacon, *, duration_ms: int | None) -> Watch:
    """Credit what a beacon proves: the union of its spans with those before, within the person's credit.

    The last beacon may be repeated: it is answered as before. Raises WatchingElsewhere, ImplausibleClaim, BeaconChanged;
    then nothing is credited, and a claim that is too large costs the credit saved up. Not to be called inside another
    transaction, which would undo that. Writes Watched and WatchSession.
    """
    with transaction.atomic():
        session = WatchSession.objects.select_for_update().filter(user=user, subject=subject).first()
        if session is None:
            raise WatchingElsewhere
        watched = Watched.objects.filter(user=user, subject=subject).first()
        if session.last_beacon == beacon.uid:
            if session.last_digest != beacon.digest:
                raise BeaconChanged
            return _watch_of(watched, session.token)
        if session.token != beacon.token:
            raise WatchingElsewhere
        moment = now()
        credit = credit_after(session.credit_ms, moment - session.counted_at)
        cost = sum(end - start for start, end in beacon.spans)
        is_plausible = cost <= credit and _lies_within(beacon.spans, (duration_ms or 0) + END_TOLERANCE_MS)
        session.credit_ms, session.counted_at = (credit - cost if is_plausible else 0), moment
        if is_plausible:
            session.token, session.last_beacon, session.last_digest = uuid.uuid4(), beacon.uid, beacon.digest
            watched = _credited(watched or Watched(user=user, subject=subject), beacon, duration_ms or 0, moment)
        session.save()
    if not is_plausible:
        log.info("beacon refused: user %s claims %d ms of %s, credit %d ms", user.pk, cost, subject, credit)
        raise ImplausibleClaim
    return _watch_of(watched, session.token)


def _lies_within(spans: Iterable[Span], limit_ms: int) -> bool:
    return all(0 <= start <= end <= limit_ms for start, end in spans)


def _credited(watched: Watched, beacon: Beacon, end_ms: int, moment: dt.datetime) -> Watched:
    seen = union([*((start, end) for start, end in watched.spans), *((s, min(e, end_ms)) for s, e in beacon.spans)])
    watched.spans, watched.watched_ms = seen, length_ms(seen)
    watched.position_ms = max(0, min(beacon.position_ms, end_ms))
    watched.updated_at = moment
    watched.save()
    return watched


def watch_of(user: Any, subject: uuid.UUID) -> Watch:
    """Where `user` stands with `subject`: one query, writes nothing."""
    return _watch_of(Watched.objects.filter(user=user, subject=subject).first(), None)


def watches_of(user: Any, subjects: list[uuid.UUID]) -> dict[uuid.UUID, Watch]:
    """Where `user` stands with each of many things; missing ones were never watched. One query."""
    return {row.subject: _watch_of(row, None) for row in Watched.objects.filter(user=user, subject__in=subjects)}


def _watch_of(row: Watched | None, token: uuid.UUID | None) -> Watch:
    if row is None:
        return Watch(token=token)
    spans = tuple((start, end) for start, end in row.spans)
    return Watch(position_ms=row.position_ms, watched_ms=row.watched_ms, spans=spans, token=token)
