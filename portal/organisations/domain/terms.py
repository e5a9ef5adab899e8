"""Terms of leading bodies and the posts in them: elect, appoint, relieve, remind before the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from plugins.sdk import publish
from portal.events.organisations import BodyElected, TermEnding
from portal.ground.audit import audit
from portal.ground.clock import today
from portal.ground.generation import raise_generation
from portal.organisations.domain.history import Change, write_event
from portal.organisations.domain.locking import locked
from portal.organisations.domain.refusals import OrganisationEnded, WrongDate, WrongPost
from portal.organisations.domain.rules import rules, term_rule
from portal.organisations.models import Member, Organisation, OrganisationEvent, Post, Term

REMINDER_MONTHS_LATER = (3, 1, 0)


def months_before(day: dt.date, months: int) -> dt.date:
    """The day so many calendar months before (negative: after) `day`, the last of the month where it has no such day."""
    month = day.year * 12 + day.month - 1 - months
    year, number = divmod(month, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(year, number + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def elect(
    organisation: Organisation,
    leaders: Sequence[tuple[Member, str]],
    *,
    on: dt.date,
    until: dt.date | None = None,
    document_number: str = "",
    by: Any = None,
    note: str = "",
) -> Term:
    """Start a new term (换届) on a day with these members in these posts; the term and all posts before it end that day.

    The term lasts as long as the rules say for the kind, or to `until`. Raises WrongPost (a member of elsewhere, one post for
    one member twice, no rule and no `until`, an end before the start), WrongDate, OrganisationEnded. Writes Term, posts, event; sends
    BodyElected.
    """
    change = Change(on, document_number, by, note)
    with transaction.atomic():
        row = locked([organisation.pk])[organisation.pk]
        _check_day(row, on)
        last = Term.objects.filter(organisation=row).aggregate(since=Max("since"), number=Max("number"))
        if last["since"] is not None and last["since"] >= on:
            raise WrongDate.before(row, last["since"])
        rule = term_rule(row.kind, on)
        if until is None:
            if rule is None:
                raise WrongPost(_("这一类组织没有规定任期，请填写届满日期。"))
            until = months_before(on, -12 * rule.years)
        if until <= on:
            raise WrongPost(_("届满日期要晚于起始日期。"))
        _check_leaders(row, leaders)
        Term.objects.filter(organisation=row, ended_on__isnull=True).update(ended_on=on)
        Post.objects.filter(organisation=row, ended_on__isnull=True, since__lte=on).update(ended_on=on)
        term = Term.objects.create(
            organisation=row,
            number=(last["number"] or 0) + 1,
            since=on,
            until=until,
            document_number=document_number,
        )
        Post.objects.bulk_create(
            [Post(organisation=row, member=member, kind=kind, since=on, until=until) for member, kind in leaders]
        )
        write_event(
            OrganisationEvent.Kind.ELECTED,
            row,
            change,
            until=until.isoformat(),
            posts=[{"member": str(member.uid), "kind": kind} for member, kind in leaders],
        )
        publish(BodyElected(organisation_uid=row.uid, term_uid=term.uid, on=on, until=until))
        raise_generation()
    return term


def appoint(organisation: Organisation, member: Member, kind: str, *, on: dt.date, by: Any = None) -> Post:
    """Give a member a post from a day on, to the end of the running term (补选、增补). Raises WrongPost, WrongDate,
    OrganisationEnded. Writes Post and an audit line."""
    with transaction.atomic():
        row = locked([organisation.pk])[organisation.pk]
        _check_day(row, on)
        _check_leaders(row, [(member, kind)])
        if Post.objects.filter(organisation=row, member=member, kind=kind, ended_on__isnull=True).exists():
            raise WrongPost(_("%(name)s已经担任这一职务。") % {"name": member.name})
        term = Term.objects.filter(organisation=row, ended_on__isnull=True).first()
        post = Post.objects.create(
            organisation=row, member=member, kind=kind, since=on, until=term.until if term is not None else None
        )
        audit(by, "organisations.appointed", target_kind="member", target_uid=member.uid, post=kind, where=row.code)
        raise_generation()
    return post


def relieve(post: Post, *, on: dt.date, by: Any = None) -> Post:
    """End a post on a day (免职、离任). Raises WrongDate, WrongPost when it ended already. Writes Post and an audit line."""
    with transaction.atomic():
        row = Post.objects.select_for_update(of=("self",)).select_related("member", "organisation").get(pk=post.pk)
        if row.ended_on is not None:
            raise WrongPost(_("这一职务已经结束。"))
        if on > today():
            raise WrongDate.future(on)
        if on < row.since:
            raise WrongDate.before(row, row.since)
        row.ended_on = on
        row.save(update_fields=["ended_on"])
        told = {"post": row.kind, "where": row.organisation.code}
        audit(by, "organisations.relieved", target_kind="member", target_uid=row.member.uid, **told)
        raise_generation()
    return row


def remind_of_ending_terms(day: dt.date | None = None) -> int:
    """Tell of every running term that ends soon: months before as the rules say (six), then three, one, and on the day.

    Sends TermEnding once for each of these moments, also when nobody asked in between (`portal.notices` asks for the
    election); returns how many. Safe to repeat.
    """
    when = day or today()
    months = (rules().reminder_months, *REMINDER_MONTHS_LATER)
    latest = months_before(when, -max(months)) + dt.timedelta(days=3)  # six months after 09-30 is 03-30, not 03-31
    running = Term.objects.filter(
        ended_on__isnull=True, until__lte=latest, organisation__ended_on__isnull=True
    ).select_related("organisation")
    told = 0
    for term in running:
        passed = [(months_before(term.until, left), left) for left in months]
        due = max((pair for pair in passed if pair[0] <= when), default=None, key=lambda pair: pair[0])
        if due is None or (term.reminded_on is not None and term.reminded_on >= due[0]):
            continue
        with transaction.atomic():
            fresh = Term.objects.select_for_update().filter(pk=term.pk, reminded_on=term.reminded_on)
            if not fresh.update(reminded_on=when):
                continue
            publish(
                TermEnding(
                    organisation_uid=term.organisation.uid, term_uid=term.uid, until=term.until, months_left=due[1]
                )
            )
        told += 1
    return told


def _check_day(row: Organisation, on: dt.date) -> None:
    if row.ended_on is not None:
        raise OrganisationEnded(row.name)
    if on > today():
        raise WrongDate.future(on)
    if row.founded_on is not None and on < row.founded_on:
        raise WrongDate.before(row, row.founded_on)


def _check_leaders(row: Organisation, leaders: Sequence[tuple[Member, str]]) -> None:
    if len({(member.pk, kind) for member, kind in leaders}) != len(leaders):
        raise WrongPost(_("同一个人的同一职务写了两次。"))
    homes = dict(
        Member.objects.filter(pk__in=[member.pk for member, _kind in leaders])
        .exclude(stage=Member.Stage.LEFT)
        .values_list("pk", "organisation__path")
    )
    for member, kind in leaders:
        if kind not in Post.Kind.values:
            raise WrongPost(kind)
        if not row.is_league and not homes.get(member.pk, "").startswith(row.path):
            raise WrongPost(
                _("%(name)s不在“%(organisation)s”，不能在这里任职。") % {"name": member.name, "organisation": row}
            )
