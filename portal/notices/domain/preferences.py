"""Which channels a person wants for which kind, and when nothing may ring."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from portal.ground.clock import BUSINESS_ZONE
from portal.notices.channels import channels
from portal.notices.kinds import NoticeKind, Tier, declared_kinds
from portal.notices.models import ChannelChoice, Preferences


@dataclasses.dataclass(frozen=True)
class Wanted:
    """One cell of a person's table: a kind, a channel, whether it is used."""

    kind: NoticeKind
    channel: str
    wanted: bool


def preferences_of(user: Any) -> Preferences:
    """The person's preferences, unsaved defaults when there are none."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def choices_of(user: Any) -> tuple[tuple[NoticeKind, tuple[Wanted, ...]], ...]:
    """Every declared kind with its channels: one query."""
    chosen = {(c.kind, c.channel): c.wanted for c in ChannelChoice.objects.filter(user=user)}
    codes = [channel.code for channel in channels()]
    return tuple(
        (kind, tuple(Wanted(kind, code, chosen.get((kind.code, code), code in kind.channels)) for code in codes))
        for kind in declared_kinds()
    )


def choose(user: Any, wanted: Iterable[tuple[str, str]], settings: Mapping[str, Any]) -> Preferences:
    """Set the whole table and the preferences at once. `wanted`: pairs of kind and channel; all others are not wanted.
    `settings`: fields of Preferences. Writes Preferences and ChannelChoice."""
    pairs = set(wanted)
    rows = [
        ChannelChoice(user=user, kind=kind.code, channel=channel.code, wanted=(kind.code, channel.code) in pairs)
        for kind in declared_kinds()
        for channel in channels()
    ]
    with transaction.atomic():
        ChannelChoice.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user", "kind", "channel"], update_fields=["wanted"]
        )
        made, _created = Preferences.objects.update_or_create(user=user, defaults=dict(settings))
    return made


def in_digest(preferences: Preferences, tier: Tier = "normal") -> bool:
    """Whether it goes out with the daily digest: what is quiet always, what is urgent never, the rest as the person wants."""
    return tier == "quiet" or (preferences.digest and tier != "urgent")


def due_at(moment: dt.datetime, preferences: Preferences, tier: Tier = "normal") -> dt.datetime:
    """When something told at `moment` may be sent: at the next digest, or at once, or when the quiet hours end."""
    local = moment.astimezone(BUSINESS_ZONE)
    if in_digest(preferences, tier):
        return _next(local, preferences.digest_at)
    start, end, time = preferences.quiet_from, preferences.quiet_to, local.time()
    quiet = start <= time < end if start <= end else time >= start or time < end
    return _next(local, end) if quiet else moment


def _next(local: dt.datetime, time: dt.time) -> dt.datetime:
    """The next moment with this time of day after `local`."""
    candidate = local.replace(hour=time.hour, minute=time.minute, second=0, microsecond=0)
    return (candidate if candidate > local else candidate + dt.timedelta(days=1)).astimezone(dt.UTC)
