"""The course of a member (成长轨迹): steps towards membership, organisations, posts, awards, and what other apps add."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from portal.ground.personal import Milestone, Person, milestones_of
from portal.members.domain.fields import BY_NAME
from portal.members.models import Award
from portal.organisations.models import Member, Membership, Post

_STEPS = ("applied_on", "activist_on", "target_on", "joined_on", "full_on")


def _words(name: str) -> str:
    return {
        "applied_on": _("递交入党申请书"),
        "activist_on": _("确定为入党积极分子"),
        "target_on": _("确定为发展对象"),
        "joined_on": _("入党"),
        "full_on": _("转为正式党员"),
    }[name]


def person_of(member: Member) -> Person:
    """A member as other apps know the person."""
    return Person(member.uid, member.user.uid if member.user else None, member.user_id)


def timeline_of(member: Member) -> list[Milestone]:
    """All known days of a member, newest first. Punishments are no part of it."""
    found = list(milestones_of(person_of(member)))
    for name in _STEPS:
        day = BY_NAME[name].value_of(member)
        if day:
            found.append(Milestone(day, _words(name)))
    for stay in Membership.objects.filter(member=member).select_related("organisation"):
        found.append(Milestone(stay.since, _("组织关系在%(unit)s") % {"unit": stay.organisation}))
    for post in Post.objects.filter(member=member).select_related("organisation"):
        what = {"unit": post.organisation, "post": post.get_kind_display()}
        found.append(Milestone(post.since, _("任%(unit)s%(post)s") % what))
        if post.ended_on:
            found.append(Milestone(post.ended_on, _("不再任%(unit)s%(post)s") % what))
    for award in Award.objects.filter(member=member, kind=Award.Kind.AWARD):
        found.append(Milestone(award.happened_on, award.title))
    return sorted(found, key=lambda milestone: (milestone.day, milestone.title), reverse=True)


def party_years(joined_on: dt.date | None, day: dt.date) -> int | None:
    """Whole years since joining, on a day."""
    if joined_on is None or joined_on > day:
        return None
    return day.year - joined_on.year - ((day.month, day.day) < (joined_on.month, joined_on.day))
