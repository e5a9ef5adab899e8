"""Writing transfers. The sum of all balances is 0 by construction: each transfer names one debit and one credit account."""

from __future__ import annotations

import datetime as dt
import logging
import uuid

from django.db import IntegrityError, transaction

from plugins.bundled.points.domain.rules import rule_on
from plugins.bundled.points.models import Account, DayCount, Rule, Transfer
from plugins.sdk import BUSINESS_ZONE, Event, PointRule, now

log = logging.getLogger(__name__)


class KeyUsedOtherwise(ValueError):
    """The event key stands in the ledger already, with another member, rule or reason."""


class AlreadyReversed(ValueError):
    """A transfer can be reversed once."""


class NotReversible(ValueError):
    """A reversal itself cannot be reversed; give the points anew instead."""


def credit_for_event(declared: PointRule, event: Event) -> Transfer | None:
    """Give what a rule sees in an event, under the version that held when it happened; None when the rule did not hold then or
    the day's cap is used up. Safe to repeat. Raises KeyUsedOtherwise."""
    occurred_at = getattr(event, "occurred_at", None) or now()
    rule = rule_on(declared, occurred_at.astimezone(BUSINESS_ZONE).date())
    if rule is None:
        return None
    values = [str(getattr(event, name)) for name in declared.once_by]
    return credit_points(
        rule=rule,
        member_uid=getattr(event, declared.member),
        event_key=f"{declared.code}:{':'.join(values)}",
        about=str(getattr(event, declared.about)) if declared.about else "",
        occurred_at=occurred_at,
    )


def credit_points(
    *, rule: Rule, member_uid: uuid.UUID, event_key: str, about: str, occurred_at: dt.datetime
) -> Transfer | None:
    """Write one transfer from the issuer to the member, of `rule.points` or what the day's cap leaves; None when it leaves nothing.

    The same key again gives the transfer that is there; with another member or rule it raises KeyUsedOtherwise.
    """
    day = occurred_at.astimezone(BUSINESS_ZONE).date()
    with transaction.atomic():
        account = account_of(member_uid)
        counter = _locked_counter(account, rule.code, day)
        there = Transfer.objects.filter(event_key=event_key).select_related("rule").first()
        if there is not None:
            return _same(there, account, rule)
        amount = rule.points
        if rule.daily_cap is not None:
            amount = min(amount, max(0, rule.daily_cap - counter.given))
        if amount == 0:
            return None
        counter.given += amount
        counter.save(update_fields=["given"])
        try:
            with transaction.atomic():
                return Transfer.objects.create(
                    rule=rule,
                    debit=_issuer(),
                    credit=account,
                    amount=amount,
                    event_key=event_key,
                    about=about[:200],
                    occurred_at=occurred_at,
                )
        except IntegrityError:  # the same key under another counter, written a moment ago
            there = Transfer.objects.filter(event_key=event_key).select_related("rule").first()
            if there is None:
                raise
            return _same(there, account, rule)


def reverse_transfer(transfer: Transfer, *, reason: str) -> Transfer:
    """Take a transfer back by an equal one in the other direction, and give the day's cap back.

    Raises AlreadyReversed, and NotReversible for a reversal.
    """
    if transfer.reverses_id is not None:
        raise NotReversible(transfer.event_key)
    day = transfer.occurred_at.astimezone(BUSINESS_ZONE).date()
    with transaction.atomic():
        counter = _locked_counter(transfer.credit, transfer.rule.code, day)
        if Transfer.objects.filter(reverses=transfer).exists():
            raise AlreadyReversed(transfer.event_key)
        counter.given = max(0, counter.given - transfer.amount)
        counter.save(update_fields=["given"])
        return Transfer.objects.create(
            rule=transfer.rule,
            debit=transfer.credit,
            credit=transfer.debit,
            amount=transfer.amount,
            event_key=f"reversal:{transfer.uid}",
            about=transfer.about,
            occurred_at=now(),
            reverses=transfer,
            reversal_reason=reason[:200],
        )


def account_of(member_uid: uuid.UUID) -> Account:
    """The account of a member, opened when missing."""
    return _account(f"member:{member_uid}", member_uid)


def _issuer() -> Account:
    return _account(Account.ISSUER, None)


def _account(code: str, member_uid: uuid.UUID | None) -> Account:
    return Account.objects.get_or_create(code=code, defaults={"member_uid": member_uid})[0]


def _locked_counter(account: Account, rule_code: str, day: dt.date) -> DayCount:
    counter, _ = DayCount.objects.get_or_create(account=account, rule_code=rule_code, day=day)
    return DayCount.objects.select_for_update().get(pk=counter.pk)


def _same(there: Transfer, account: Account, rule: Rule) -> Transfer:
    if there.credit_id != account.pk or there.rule.code != rule.code:
        log.error("points key %s was used before for another member or rule", there.event_key)
        raise KeyUsedOtherwise(there.event_key)
    return there
