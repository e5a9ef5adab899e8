"""Wrong passwords: slowing down who guesses, without a way to lock somebody else out.

Failures are counted for what was typed together with where it came from. "Where" is a device that signed in here before (a
signed cookie; anybody's sign-in counts, as on the shared computers of an examination room), or else the address. So nobody who
types wrong passwords for a rival's account, from elsewhere or from the next seat behind the same address, closes that account
on a device that is known. Whoever has a second factor opens it from anywhere, by giving both at once.

Addresses as a whole are slowed down, never closed: that is against trying one password on many names. A device that this
person signed in on before is exempt. Names that do not exist are counted in the same way as those that do.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import math

from django.db import transaction

from portal.accounts.domain.handles import keyed_hash
from portal.accounts.models import AttemptCounter, User
from portal.ground.audit import audit
from portal.ground.clock import now

FAILURES_ALLOWED = 5
PAUSE = dt.timedelta(minutes=15)
ADDRESS_FREE = 20
ADDRESS_WINDOW = dt.timedelta(minutes=10)
ADDRESS_LONGEST_SECONDS = 30
# An account that is attacked from many addresses: each new address has one try, not five. The right password still opens.
WIDE_ATTACK = 50
WIDE_WINDOW = dt.timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where an attempt comes from: an address, the id of a device that signed in here before (or empty), and whether the
    person whose name was typed is one who signed in on it."""

    address: str
    device: str = ""
    knows_person: bool = False


class TryLater(Exception):
    """Too many failures from here. `seconds` says how long to wait, at least 1."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = max(1, math.ceil(seconds))


def _network(address: str) -> str:
    """One customer's addresses count as one: an IPv6 network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _pair_key(typed: str, origin: Origin, *, with_code: bool) -> str:
    place = f"device {origin.device}" if origin.device else f"address {_network(origin.address)}"
    return keyed_hash("attempt", f"{'code' if with_code else 'pair'} {place} {typed.strip().lower()[:254]}")


def _address_key(origin: Origin) -> str:
    return keyed_hash("attempt", f"all {_network(origin.address)}")


def _wide_key(typed: str) -> str:
    return keyed_hash("attempt", f"wide {typed.strip().lower()[:254]}")


def refuse_too_many(typed: str, origin: Origin, *, with_code: bool = False) -> None:
    """Raise TryLater when this name may not be tried from here now. `with_code`: a second factor is given at the same time,
    which has a count of its own."""
    keys = [_pair_key(typed, origin, with_code=with_code), _address_key(origin), _wide_key(typed)]
    counters = {counter.key: counter for counter in AttemptCounter.objects.filter(key__in=keys)}
    pair, whole, wide = (counters.get(key) for key in keys)
    moment = now()
    allowed = FAILURES_ALLOWED
    if wide and not origin.device and wide.failures >= WIDE_ATTACK and moment - wide.last_at < WIDE_WINDOW:
        allowed = 1
    if pair and pair.failures >= allowed and moment - pair.last_at < PAUSE:
        raise TryLater((pair.last_at + PAUSE - moment).total_seconds())
    if whole and not origin.knows_person and not with_code and moment - whole.last_at < ADDRESS_WINDOW:
        gap = _address_gap(whole.failures)
        waited = (moment - whole.last_at).total_seconds()
        if waited < gap:
            raise TryLater(gap - waited)


def _address_gap(failures: int) -> float:
    """Seconds between two attempts from an address after so many failures: none at first, then 1, 2, 4 … up to 30."""
    if failures < ADDRESS_FREE:
        return 0
    return min(ADDRESS_LONGEST_SECONDS, 2 ** min((failures - ADDRESS_FREE) // 5, 10))


def count_failure(typed: str, origin: Origin, user: User | None, *, with_code: bool = False) -> None:
    """Write that this name failed from here. `user` is whose name it is, if anybody's. The failure that begins a pause is
    written to the audit trail."""
    pair_key = _pair_key(typed, origin, with_code=with_code)
    windows = {
        pair_key: (PAUSE, user),
        _address_key(origin): (ADDRESS_WINDOW, None),
        _wide_key(typed): (WIDE_WINDOW, user),
    }
    moment = now()
    with transaction.atomic():
        rows = [AttemptCounter(key=key, last_at=moment, user=whose) for key, (_, whose) in sorted(windows.items())]
        AttemptCounter.objects.bulk_create(rows, ignore_conflicts=True)
        # always in the same order, so that two failures at once wait for each other and do not deadlock
        counters = list(AttemptCounter.objects.select_for_update().filter(key__in=windows).order_by("key"))
        for counter in counters:
            window, _whose = windows[counter.key]
            counter.failures = counter.failures + 1 if moment - counter.last_at < window else 1
            counter.last_at = moment
            if counter.key == pair_key and counter.failures == FAILURES_ALLOWED:
                audit(None, "account.sign_in_paused", target_kind="user", target_uid=user.uid if user else "")
        AttemptCounter.objects.bulk_update(counters, ["failures", "last_at"])


def forget_failures(typed: str, origin: Origin) -> None:
    """After a success from here: this name starts anew here. The address as a whole keeps its count, or whoever tries many
    names would clear it by signing in with the own one."""
    keys = [_pair_key(typed, origin, with_code=with_code) for with_code in (False, True)]
    AttemptCounter.objects.filter(key__in=keys).delete()


def forget_failures_of(user: User) -> int:
    """Lift every pause of this person's names, everywhere; returns how many counters went."""
    return AttemptCounter.objects.filter(user=user).delete()[0]


def failures_of(user: User) -> int:
    """How often signing in to this account failed within the last hour, from everywhere."""
    recent = AttemptCounter.objects.filter(user=user, last_at__gt=now() - WIDE_WINDOW)
    return max((counter.failures for counter in recent), default=0)


def forget_old_counters() -> int:
    """Delete counters whose time is over; returns how many."""
    return AttemptCounter.objects.filter(last_at__lt=now() - dt.timedelta(days=1)).delete()[0]
