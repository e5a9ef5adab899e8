"""Keyed digests of rows, and what follows from comparing them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import hmac

from django.conf import settings

from portal.exchange.domain.values import canonical
from portal.exchange.models import AgreedRow, StagedLine
from portal.ground.exchange import Row

Act = StagedLine.Act


@dataclasses.dataclass(frozen=True)
class Base:
    """What a row was when both sides last knew the same: theirs, and ours at that time. `at` is when."""

    theirs: str
    ours: str
    at: dt.datetime | None


def digest_of(row: Row | None) -> str:
    """A digest that nobody without our key can try guesses against; empty for no row."""
    if row is None:
        return ""
    return hmac.new(settings.LOOKUP_KEY.encode(), f"exchange:{canonical(row)}".encode(), hashlib.sha256).hexdigest()


def base_of(agreed: AgreedRow | None, acknowledged: int) -> Base | None:
    """The last common state: what was applied here, or what we sent since if the partner says that it was applied there."""
    if agreed is None:
        return None
    was_taken = 0 < agreed.sent_serial <= acknowledged
    if was_taken and (agreed.agreed_at is None or (agreed.sent_at is not None and agreed.sent_at > agreed.agreed_at)):
        return Base(agreed.sent, agreed.sent, agreed.sent_at)
    return Base(agreed.theirs, agreed.ours, agreed.agreed_at) if agreed.agreed_at is not None else None


def act_of(theirs: str, ours: str, base: Base | None, *, is_older: bool) -> str:
    """What a row of the package means for the one here, by digests; `ours` is empty when there is none.

    An older package than the last one applied changes nothing by itself: what differs is a conflict.
    """
    if not ours:
        return Act.NEW
    if theirs == ours:
        return Act.SAME
    if base is None:
        return Act.CONFLICT
    if theirs == base.theirs:
        return Act.KEPT
    if ours == base.ours and base.theirs == base.ours and not is_older:
        return Act.CHANGED
    return Act.CONFLICT
