"""The outbox: written with the change, delivered at least once, retried, parked, found again after a crash."""

import threading

import pytest
from django.db import connection, transaction

from portal.ground import clock, outbox
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Delivery, Job, OutboxEntry


@pytest.fixture
def heard():
    """A consumer of `test.said` that keeps what it got; the other consumers are away meanwhile."""
    before = outbox.consumers()
    outbox._consumers.clear()
    got: list[str] = []
    outbox.register_consumer("test.ears", ["test.said"], lambda entries: got.extend(e.payload["w"] for e in entries))
    yield got
    outbox._consumers.clear()
    outbox._consumers.update(before)


def say(word: str) -> OutboxEntry:
    with transaction.atomic():
        return outbox.emit("test.said", {"w": word})


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused(heard):
    with pytest.raises(outbox.OutsideTransaction, match=r"test\.said"):
        outbox.emit("test.said", {"w": "x"})


@pytest.mark.django_db(transaction=True)
def test_event_of_a_rolled_back_change_is_not_heard(heard):
    with transaction.atomic():
        outbox.emit("test.said", {"w": "x"})
        transaction.set_rollback(True)

    assert run_due_jobs() == 0
    assert (heard, OutboxEntry.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_events_are_heard_once_in_order_by_one_job(heard):
    for word in ["一", "二", "三"]:
        say(word)

    assert Job.objects.filter(kind="outbox.drain", state="queued").count() == 1
    assert run_due_jobs() == 1
    assert run_due_jobs() == 0
    assert heard == ["一", "二", "三"]


@pytest.mark.django_db(transaction=True)
def test_event_nobody_subscribed_to_makes_no_delivery(heard):
    with transaction.atomic():
        outbox.emit("test.other", {})

    assert (OutboxEntry.objects.count(), Delivery.objects.count(), Job.objects.count()) == (1, 0, 0)


@pytest.mark.django_db
def test_delivery_without_a_job_is_found_by_the_sweep(heard):
    """A crash between the commit and the queueing of the drain job leaves exactly this."""
    say("x")
    Job.objects.all().delete()

    run_due_jobs()

    assert heard == ["x"]


@pytest.mark.django_db(transaction=True)
def test_failing_delivery_is_tried_again_while_others_go_on_then_parked(heard):
    tries: list[str] = []

    def choosy(entries):
        tries.extend(e.payload["w"] for e in entries)
        if entries[0].payload["w"] == "bad":
            raise ValueError("不认识")

    outbox.register_consumer("test.ears", ["test.said"], choosy)
    say("bad")
    say("good")

    run_due_jobs()

    bad = Delivery.objects.get(entry__payload__w="bad")
    assert tries == ["bad", "good"]
    assert (bad.state, bad.attempts, bad.last_error) == ("waiting", 1, "ValueError: 不认识")
    assert bad.due_at > clock.now()
    for _ in range(outbox.MAX_ATTEMPTS - 1):
        Delivery.objects.update(due_at=clock.now())
        run_due_jobs()
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("parked", outbox.MAX_ATTEMPTS)
    assert tries.count("bad") == outbox.MAX_ATTEMPTS
    assert tries.count("good") == 1


@pytest.mark.django_db(transaction=True)
def test_deliveries_of_a_consumer_that_is_away_wait_for_its_return(heard):
    say("x")
    consumer = outbox.consumers()["test.ears"]
    outbox.unregister_consumer("test.ears")
    run_due_jobs()
    assert Delivery.objects.get().state == "waiting"

    outbox.register_consumer(consumer.name, list(consumer.events), consumer.handle)
    run_due_jobs()

    assert heard == ["x"]


@pytest.mark.django_db(transaction=True)
def test_batch_consumer_gets_many_in_one_call(heard):
    sizes: list[int] = []
    outbox.register_consumer("test.ears", ["test.said"], lambda e: sizes.append(len(e)), one_by_one=False)
    for number in range(5):
        say(str(number))

    run_due_jobs()

    assert sizes == [5]


@pytest.mark.cluster
@pytest.mark.django_db(transaction=True)
def test_two_open_transactions_can_emit_to_one_consumer_without_waiting(heard):
    """Queueing the drain inside the transaction made the second writer wait for the first (or deadlock) on PostgreSQL."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer anyway")
    done = threading.Event()

    def second() -> None:
        try:
            say("second")
            done.set()
        finally:
            connection.close()

    with transaction.atomic():
        outbox.emit("test.said", {"w": "first"})
        thread = threading.Thread(target=second)
        thread.start()
        assert done.wait(10)
    thread.join(10)
    run_due_jobs()

    assert sorted(heard) == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_entry_that_is_delivered_twice_at_once_has_one_effect_on_an_atomic_consumer(heard):
    """Two drains of one consumer that took the same deliveries, as after a takeover."""

    def mark(entries):
        for entry in entries:
            OutboxEntry.objects.create(name="effect", payload=entry.payload)

    outbox.register_consumer("test.once", ["test.said"], mark, atomic=True)
    for word in ["一", "二", "三"]:
        say(word)
    consumer = outbox.consumers()["test.once"]
    same = list(Delivery.objects.filter(consumer="test.once").select_related("entry").order_by("entry_id"))

    def deliver():
        try:
            for delivery in same:
                outbox._deliver(consumer, [delivery])
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    words = [entry.payload["w"] for entry in OutboxEntry.objects.filter(name="effect").order_by("pk")]
    assert sorted(words) == sorted(["一", "二", "三"])


@pytest.mark.django_db(transaction=True)
def test_failing_atomic_consumer_leaves_its_entry_waiting_and_no_effect(heard):
    def fail(entries):
        OutboxEntry.objects.create(name="effect", payload={})
        raise ValueError("x")

    outbox.register_consumer("test.once", ["test.said"], fail, atomic=True)
    say("一")
    outbox.drain("test.once")

    assert not OutboxEntry.objects.filter(name="effect").exists()
    row = Delivery.objects.get(consumer="test.once")
    assert (row.state, row.attempts, row.last_error) == ("waiting", 1, "ValueError: x")
