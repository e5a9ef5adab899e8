"""How search behaves on this site, and the number that tells every process that something changed."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import transaction
from django.db.models import F

from portal.finding.models import Policy
from portal.ground.audit import audit
from portal.ground.once import forget, once

_ROW = 1
_NAME = "finding.policy"
LEAST_MINIMUM, MOST_MINIMUM = 2, 1000
LEAST_DAYS, MOST_DAYS = 7, 730


def current_policy() -> Policy:
    """The row as it is now; the defaults while there is none. One query, once a page."""
    return once(_NAME, lambda: Policy.objects.filter(pk=_ROW).first() or Policy(pk=_ROW))


def raise_revision() -> None:
    """Tell every process that what counts at query time changed. Call inside the change's transaction."""
    with transaction.atomic():
        Policy.objects.get_or_create(pk=_ROW)
        Policy.objects.filter(pk=_ROW).update(revision=F("revision") + 1)
    forget(_NAME)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What staff may set."""

    learns: bool
    lists_queries: bool
    minimum: int
    keep_days: int
    where_to_ask: str


def change_policy(settings: Settings, *, actor: Any) -> Policy:
    """Set how search behaves. Writes Policy and an audit line that says what changed. Raises ValueError outside the limits."""
    if not LEAST_MINIMUM <= settings.minimum <= MOST_MINIMUM or not LEAST_DAYS <= settings.keep_days <= MOST_DAYS:
        raise ValueError("outside the limits")
    with transaction.atomic():
        before = current_policy()
        wanted = dataclasses.asdict(settings)
        changed = sorted(name for name, value in wanted.items() if getattr(before, name) != value)
        Policy.objects.update_or_create(pk=_ROW, defaults=wanted)
        raise_revision()
        audit(actor, "search.policy_changed", target_kind="search_policy", changed=changed)
    return current_policy()
