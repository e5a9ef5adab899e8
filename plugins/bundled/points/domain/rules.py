"""Rules are data with dates and a source; what plugins declare is only their first version."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q

from plugins.bundled.points.models import Rule
from plugins.sdk import PointRule
from plugins.sdk.runtime import point_rules


class RuleDatesOverlap(ValueError):
    """The new version would begin before the present one did."""


def rule_on(declared: PointRule, day: dt.date) -> Rule | None:
    """The version of a rule that holds on `day`; None when none does (suspended, or not yet begun).

    Writes version 1 from the declaration when the rule is met for the first time.
    """
    versions = Rule.objects.filter(code=declared.code)
    found = (
        versions.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day))
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .order_by("-version")
        .first()
    )
    if found is not None or versions.exists():
        return found
    try:
        with transaction.atomic():
            made = Rule.objects.create(
                code=declared.code,
                label=str(declared.label),
                label_en=declared.label_en,
                points=declared.points,
                daily_cap=declared.daily_cap,
                source=declared.source,
                valid_from=declared.valid_from,
            )
    except IntegrityError:  # another worker met it first
        made = Rule.objects.get(code=declared.code, version=1)
    return made if made.valid_from is None or made.valid_from <= day else None


def take_over_declared_rules(day: dt.date) -> int:
    """Write version 1 of every declared rule that has no row yet; how many rules there are."""
    declared = point_rules()
    for _slug, rule in declared:
        rule_on(rule, day)
    return len(declared)


def change_rule(code: str, *, points: int, daily_cap: int | None, source: str, valid_from: dt.date) -> Rule:
    """Let a rule hold with other figures from `valid_from` on, and end the version before it the day before.

    Raises Rule.DoesNotExist for an unknown code and RuleDatesOverlap. Transfers already given do not change.
    """
    with transaction.atomic():
        last = Rule.objects.select_for_update().filter(code=code).order_by("-version").first()
        if last is None:
            raise Rule.DoesNotExist(code)
        if last.valid_from is not None and valid_from <= last.valid_from:
            raise RuleDatesOverlap(code)
        if last.valid_to is None or last.valid_to >= valid_from:
            last.valid_to = valid_from - dt.timedelta(days=1)
            last.save(update_fields=["valid_to"])
        return Rule.objects.create(
            code=code,
            version=last.version + 1,
            label=last.label,
            label_en=last.label_en,
            points=points,
            daily_cap=daily_cap,
            source=source,
            valid_from=valid_from,
        )
