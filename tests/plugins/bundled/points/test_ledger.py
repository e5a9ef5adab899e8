"""The ledger's promises: zero sum, once a key, never above the cap, never changed."""

import datetime as dt
import random
import threading
import uuid

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction

from plugins.bundled.points.domain.ledger import (
    AlreadyReversed,
    KeyUsedOtherwise,
    NotReversible,
    credit_for_event,
    credit_points,
    reverse_transfer,
)
from plugins.bundled.points.domain.queries import balance_of, sum_of_all_balances, totals_by_rule
from plugins.bundled.points.domain.rules import RuleDatesOverlap, change_rule, rule_on
from plugins.bundled.points.models import Account, DayCount, Rule, Transfer
from plugins.bundled.points.plugin import PointsPlugin
from portal.events.school import UnitCompleted
from portal.public.models import SealedRowsStay

NOON = dt.datetime(2026, 7, 1, 4, tzinfo=dt.UTC)  # 12:00 in Shanghai
UNIT_RULE = next(rule for rule in PointsPlugin.points if rule.code == "school.unit")


def _rule(**fields):
    return Rule.objects.create(**{"code": "trial", "label": "试验", "points": 3, "source": "试验规则", **fields})


def _credit(rule, member, key, about="事由", at=NOON):
    return credit_points(rule=rule, member_uid=member, event_key=key, about=about, occurred_at=at)


@pytest.mark.django_db
def test_credit_points_moves_them_from_the_issuer_to_the_member():
    rule, member = _rule(), uuid.uuid4()

    transfer = _credit(rule, member, "k1")

    assert (transfer.debit.code, transfer.credit.member_uid, transfer.amount) == (Account.ISSUER, member, 3)
    assert (transfer.occurred_at, transfer.rule, transfer.about) == (NOON, rule, "事由")
    assert balance_of(member) == 3
    assert sum_of_all_balances() == 0


@pytest.mark.django_db
def test_credit_points_with_the_same_key_again_gives_the_first_transfer():
    rule, member = _rule(), uuid.uuid4()

    first = _credit(rule, member, "k1")
    again = [_credit(rule, member, "k1") for _ in range(5)]

    assert {transfer.pk for transfer in again} == {first.pk}
    assert balance_of(member) == 3
    assert DayCount.objects.get().given == 3


@pytest.mark.django_db
def test_credit_points_with_the_same_key_for_another_member_is_refused_and_gives_nothing():
    rule, member, other = _rule(), uuid.uuid4(), uuid.uuid4()
    _credit(rule, member, "k1")

    with pytest.raises(KeyUsedOtherwise, match=r"^k1$"):
        _credit(rule, other, "k1")

    assert (balance_of(member), balance_of(other)) == (3, 0)


@pytest.mark.django_db
def test_credit_points_gives_what_the_cap_leaves_then_nothing_and_anew_the_next_day_in_shanghai():
    rule, member = _rule(points=3, daily_cap=7), uuid.uuid4()
    evening = dt.datetime(2026, 7, 1, 15, 59, tzinfo=dt.UTC)  # 23:59 in Shanghai
    midnight = evening + dt.timedelta(minutes=1)

    amounts = [getattr(_credit(rule, member, f"k{n}", at=evening), "amount", None) for n in range(4)]
    next_day = _credit(rule, member, "k9", at=midnight)

    assert amounts == [3, 3, 1, None]
    assert next_day.amount == 3
    assert {(row.day, row.given) for row in DayCount.objects.all()} == {
        (dt.date(2026, 7, 1), 7),
        (dt.date(2026, 7, 2), 3),
    }


@pytest.mark.django_db
def test_any_run_of_credits_repeats_and_reversals_keeps_the_invariants():
    dice = random.Random(7)
    members = [uuid.uuid4() for _ in range(3)]
    rules = [_rule(code="a", points=2, daily_cap=5), _rule(code="b", points=4)]

    for _ in range(120):
        rule, member, number = dice.choice(rules), dice.choice(members), dice.randint(1, 12)
        transfer = _credit(rule, member, f"{rule.code}:{member}:{number}", at=NOON + dt.timedelta(days=number % 3))
        if transfer and dice.random() < 0.2 and not Transfer.objects.filter(reverses=transfer).exists():
            reverse_transfer(transfer, reason="试验")

    assert sum_of_all_balances() == 0
    assert not DayCount.objects.filter(rule_code="a", given__gt=5).exists()
    for member in members:
        replayed = sum(
            row.amount if row.credit.member_uid == member else -row.amount
            for row in Transfer.objects.select_related("credit", "debit")
            if member in (row.credit.member_uid, row.debit.member_uid)
        )
        assert balance_of(member) == replayed == sum(total.points for total in totals_by_rule(member))


@pytest.mark.django_db
def test_reverse_transfer_takes_points_back_once_names_the_original_and_frees_the_cap():
    rule, member = _rule(points=3, daily_cap=3), uuid.uuid4()
    transfer = _credit(rule, member, "k1")

    reversal = reverse_transfer(transfer, reason="单元登记有误")

    assert (reversal.reverses, reversal.amount, reversal.reversal_reason) == (transfer, 3, "单元登记有误")
    assert balance_of(member) == 0
    assert _credit(rule, member, "k2").amount == 3
    with pytest.raises(AlreadyReversed):
        reverse_transfer(transfer, reason="又一次")
    with pytest.raises(NotReversible):
        reverse_transfer(reversal, reason="反冲")


@pytest.mark.django_db
def test_transfer_cannot_be_changed_or_deleted_from_python():
    transfer = _credit(_rule(), uuid.uuid4(), "k1")
    transfer.amount = 99

    with pytest.raises(SealedRowsStay):
        transfer.save()
    with pytest.raises(SealedRowsStay):
        transfer.delete()

    assert Transfer.objects.get().amount == 3


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE points_transfer SET amount = 99", "DELETE FROM points_transfer"])
def test_transfer_cannot_be_changed_or_deleted_from_sql(statement):
    _credit(_rule(), uuid.uuid4(), "k1")

    with pytest.raises(DatabaseError, match="sealed rows cannot be changed"), transaction.atomic():
        connection.cursor().execute(statement)

    assert Transfer.objects.get().amount == 3


@pytest.mark.django_db
def test_rule_changed_from_a_day_on_leaves_old_transfers_and_old_events_as_they_were():
    member = uuid.uuid4()
    event = UnitCompleted(member_uid=member, unit_uid=uuid.uuid4(), course_uid=uuid.uuid4(), occurred_at=NOON)
    first = credit_for_event(UNIT_RULE, event)
    change_rule("school.unit", points=5, daily_cap=None, source="2026 年第 8 号决定", valid_from=dt.date(2026, 8, 1))

    late = UnitCompleted(
        member_uid=member, unit_uid=uuid.uuid4(), course_uid=event.course_uid, occurred_at=NOON + dt.timedelta(days=40)
    )
    early_but_delivered_late = UnitCompleted(
        member_uid=member, unit_uid=uuid.uuid4(), course_uid=event.course_uid, occurred_at=NOON + dt.timedelta(days=1)
    )

    assert first.amount == 2
    assert credit_for_event(UNIT_RULE, event) == first
    assert credit_for_event(UNIT_RULE, late).amount == 5
    assert credit_for_event(UNIT_RULE, early_but_delivered_late).amount == 2
    with pytest.raises(RuleDatesOverlap):
        change_rule("school.unit", points=1, daily_cap=None, source="x", valid_from=dt.date(2026, 7, 1))


@pytest.mark.django_db
def test_rule_that_ended_gives_nothing():
    rule_on(UNIT_RULE, NOON.date())
    Rule.objects.filter(code="school.unit").update(valid_to=dt.date(2026, 6, 30))
    event = UnitCompleted(member_uid=uuid.uuid4(), unit_uid=uuid.uuid4(), course_uid=uuid.uuid4(), occurred_at=NOON)

    assert credit_for_event(UNIT_RULE, event) is None
    assert not Transfer.objects.exists()


def _run_at_once(workers, work):
    """Run `work(n)` in threads that start together; the exceptions they ended with."""
    barrier, faults = threading.Barrier(workers), []

    def run(number):
        try:
            barrier.wait(timeout=20)
            work(number)
        except Exception as error:  # noqa: BLE001 - handed to the test
            faults.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return faults


@pytest.fixture
def unsealed_afterwards(transactional_db):
    """The test database is emptied after a transactional test, which the triggers would refuse."""
    yield
    with connection.cursor() as cursor:
        for action in ("update", "delete"):
            name = f"points_transfer_no_{action}"
            on = ' ON "points_transfer"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')
    Transfer.objects.filter(reverses__isnull=False)._raw_delete("default")
    Transfer.objects.all()._raw_delete("default")
    from portal.records.triggers import install_triggers

    install_triggers()


@pytest.mark.slow
def test_same_key_from_many_threads_gives_one_transfer(unsealed_afterwards):
    rule, member = _rule(), uuid.uuid4()

    faults = _run_at_once(8, lambda _n: _credit(rule, member, "k1"))

    assert faults == []
    assert Transfer.objects.count() == 1
    assert balance_of(member) == 3


@pytest.mark.slow
def test_cap_is_never_exceeded_by_many_threads(unsealed_afterwards):
    rule, member = _rule(points=3, daily_cap=10), uuid.uuid4()

    faults = _run_at_once(12, lambda n: _credit(rule, member, f"k{n}"))

    assert faults == []
    assert balance_of(member) == 10
    assert sorted(Transfer.objects.values_list("amount", flat=True)) == [1, 3, 3, 3]
    assert sum_of_all_balances() == 0


@pytest.mark.cluster
@pytest.mark.slow
def test_many_threads_over_many_members_keep_the_sum_at_zero_on_postgresql(unsealed_afterwards):
    if connection.vendor != "postgresql":
        pytest.skip("needs DATABASE_URL to name PostgreSQL")
    rule = _rule(points=2, daily_cap=8)
    members = [uuid.uuid4() for _ in range(4)]

    faults = _run_at_once(32, lambda n: [_credit(rule, member, f"{n % 8}:{member}") for member in members])

    assert faults == []
    assert [balance_of(member) for member in members] == [8, 8, 8, 8]
    assert sum_of_all_balances() == 0
