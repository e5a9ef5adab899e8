"""Reads: balances, and why a member has each point."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from plugins.bundled.points.models import Account, Rule, Transfer
from plugins.sdk import BUSINESS_ZONE, CardContext, PointRule, SlotContext, text_in_language, today
from plugins.sdk.runtime import is_active, point_rules
from portal.public import facts

COURSE_EVENT = "school.course_completed"


@dataclasses.dataclass(frozen=True)
class RuleTotal:
    """What a member got under one rule."""

    label: str
    points: int
    times: int


def transfers_of(member_uid: uuid.UUID) -> QuerySet[Transfer]:
    """A member's transfers, newest first; `signed` is negative for what was taken back."""
    return (
        Transfer.objects.filter(Q(credit__member_uid=member_uid) | Q(debit__member_uid=member_uid))
        .select_related("rule", "reverses")
        .annotate(signed=_signed(member_uid))
        .order_by("-occurred_at", "-pk")
    )


def _signed(member_uid: uuid.UUID) -> Case:
    return Case(
        When(credit__member_uid=member_uid, then=F("amount")),
        default=Value(-1) * F("amount"),
        output_field=IntegerField(),
    )


@dataclasses.dataclass(frozen=True)
class Standing:
    """The points a member has: of all time, and of what happened since the 1st of January and since Monday."""

    total: int
    this_year: int
    this_week: int


def standing_of(member_uid: uuid.UUID, day: dt.date) -> Standing:
    """A member's points as seen on a day (Asia/Shanghai): one query."""
    sums = transfers_of(member_uid).aggregate(
        total=Coalesce(Sum("signed"), 0),
        this_year=Coalesce(Sum("signed", filter=_since(day.replace(month=1, day=1))), 0),
        this_week=Coalesce(Sum("signed", filter=_since(day - dt.timedelta(days=day.weekday()))), 0),
    )
    return Standing(int(sums["total"]), int(sums["this_year"]), int(sums["this_week"]))


def _since(day: dt.date) -> Q:
    return Q(occurred_at__gte=dt.datetime.combine(day, dt.time(), BUSINESS_ZONE))


@dataclasses.dataclass(frozen=True)
class Goal:
    """What a member is to reach in a year, how much of it there is (0 to 100), and which decision says so."""

    points: int
    percent: int
    note: str


def goal_for(standing: Standing, settings: Mapping[str, Any]) -> Goal | None:
    """The goal of the year by the settings of the site; None where there is none."""
    goal = settings.get("annual_goal") or 0
    if goal <= 0:
        return None
    return Goal(goal, max(0, min(100, standing.this_year * 100 // goal)), settings.get("goal_note") or "")


def balance_of(member_uid: uuid.UUID) -> int:
    """The points a member has."""
    return int(transfers_of(member_uid).aggregate(total=Coalesce(Sum("signed"), 0))["total"])


def totals_by_rule(member_uid: uuid.UUID) -> list[RuleTotal]:
    """What a member got under each rule, most first; what was taken back is taken off."""
    sums: dict[str, list[Any]] = {}
    for row in transfers_of(member_uid):
        entry = sums.setdefault(row.rule.code, [label_of(row.rule), 0, 0])
        entry[1] += row.signed
        entry[2] += 1 if row.signed > 0 else -1
    return sorted((RuleTotal(*entry) for entry in sums.values()), key=lambda total: -total.points)


def sum_of_all_balances() -> int:
    """0, always: what members have is what the issuer owes."""
    credits = Account.objects.aggregate(total=Coalesce(Sum("credits__amount"), 0))["total"]
    debits = Account.objects.aggregate(total=Coalesce(Sum("debits__amount"), 0))["total"]
    return int(credits - debits)


def label_of(rule: Rule) -> str:
    """The rule's label in the language of the request."""
    return text_in_language(rule.label, rule.label_en)


def rules_in_force(day: dt.date) -> QuerySet[Rule]:
    """The versions that hold on a day."""
    return Rule.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )


@dataclasses.dataclass(frozen=True)
class RuleShown:
    """A rule as members read it: label, points, cap in points a day, and the decision it follows."""

    label: str
    points: int
    daily_cap: int | None
    source: str


def rules_shown(day: dt.date) -> list[RuleShown]:
    """The rules that hold on a day, of plugins that are on; a rule never met yet is shown as declared."""
    versions: dict[str, list[Rule]] = {}
    for row in Rule.objects.order_by("version"):
        versions.setdefault(row.code, []).append(row)
    shown = []
    for slug, declared in point_rules():
        if not is_active(slug):
            continue
        rows = versions.get(declared.code)
        if rows is None:
            if declared.valid_from is None or declared.valid_from <= day:
                shown.append(RuleShown(declared.text, declared.points, declared.daily_cap, declared.source))
            continue
        for row in rows:
            if (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or row.valid_to >= day):
                shown.append(RuleShown(label_of(row), row.points, row.daily_cap, row.source))
    return shown


def points_now(declared: PointRule) -> int | None:
    """What a declared rule gives today, None when it is suspended. Only reads: a rule never met yet gives what it declares."""
    day = today()
    held = rules_in_force(day).filter(code=declared.code).order_by("-version").first()
    if held is not None:
        return held.points
    begins = declared.valid_from is None or declared.valid_from <= day
    return declared.points if begins and not Rule.objects.filter(code=declared.code).exists() else None


def card_for(context: CardContext) -> dict[str, Any] | None:
    """The workbench card: points in all, and of this year and week."""
    member = facts.member_of(context.user)
    if member is None:
        return None
    return {
        "standing": standing_of(member.uid, today()),
        "latest": list(transfers_of(member.uid)[:3]),
    }


def course_slot_for(context: SlotContext) -> dict[str, Any] | None:
    """Under a course: what finishing it earns, and whether this member has it already."""
    course_uid = getattr(context.subject, "uid", None)
    if course_uid is None:
        return None
    declared = next(
        (rule for slug, rule in point_rules() if rule.event.name == COURSE_EVENT and is_active(slug, context.request)),
        None,
    )
    if declared is None:
        return None
    points = points_now(declared)
    if points is None:
        return None
    member = facts.member_of(context.user)
    earned = bool(member) and Transfer.objects.filter(event_key=f"{declared.code}:{member.uid}:{course_uid}").exists()
    return {"points": points, "earned": earned}
