"""Demo points: deeds of the last weeks, given through the ledger itself."""

from __future__ import annotations

import datetime as dt
import uuid

from plugins.bundled.points.domain.ledger import credit_points
from plugins.bundled.points.domain.rules import take_over_declared_rules
from plugins.bundled.points.models import Rule
from plugins.sdk import BUSINESS_ZONE
from plugins.sdk.demo import DemoContext
from portal.public import facts

DEEDS = {
    "school.unit": ["会前三日：议题从哪里来", "会中一小时：让每个人开口", "一份经得起查看的会议记录"],
    "microlessons.watched": ["先看三十秒", "钢轨的声音"],
}
MEMBERS = 40
DAYS_BACK = 28


def load(context: DemoContext) -> None:
    """Give members with a login, and some others, points for deeds of the last four weeks. Safe to call again."""
    take_over_declared_rules(context.today)
    members = facts.members_within()
    chosen = [member for member in members if member.user_id] + members[:MEMBERS]
    given = 0
    for member in {member.uid: member for member in chosen}.values():
        for code, titles in DEEDS.items():
            rule = Rule.objects.filter(code=code).order_by("-version").first()
            for title in titles[: context.random.randint(1, len(titles))] if rule else []:
                day = context.today - dt.timedelta(days=context.random.randint(1, DAYS_BACK))
                occurred_at = dt.datetime.combine(day, dt.time(context.random.randint(8, 20)), BUSINESS_ZONE)
                key = f"demo:{code}:{member.uid}:{uuid.uuid5(uuid.NAMESPACE_URL, title)}"
                transfer = credit_points(
                    rule=rule, member_uid=member.uid, event_key=key, about=title, occurred_at=occurred_at
                )
                given += transfer is not None
    context.report(f"积分：{given} 笔")
