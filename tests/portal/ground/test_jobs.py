"""The job table: claims, fences, leases, poison, keys. Concurrency is tried by threads with connections of their own."""

import datetime as dt
import importlib
import threading

import pytest
from django.db import connection, transaction
from django.db.models import F

from portal.ground import clock
from portal.ground.jobs import (
    JobContext,
    LeaseLost,
    PermanentFailure,
    RetryLater,
    cancel,
    claim_due,
    enqueue,
    execute,
    fire_periodic,
    job_kind,
    kinds,
    ledger,
    owners,
    periodic,
    release_claims_of_dead_worker,
    retry,
    run_due_jobs,
    set_waker,
)
from portal.ground.models import Job, PeriodicJob

registry = importlib.import_module("portal.ground.jobs.kinds")
LONG_AGO = dt.timedelta(hours=1)


@pytest.fixture
def calls():
    """Kinds for these tests, taken back afterwards; gives the list of what ran."""
    seen: list[object] = []
    kinds_before, periods_before = dict(registry._kinds), dict(registry._periods)
    registry._periods.clear()

    @job_kind("test.note")
    def _note(context: JobContext, word: str = "") -> None:
        seen.append(word)

    @job_kind("test.heavy", heavy=True)
    def _heavy(context: JobContext) -> None:
        seen.append("heavy")

    @job_kind("test.fails", max_attempts=2)
    def _fails(context: JobContext) -> None:
        seen.append("fails")
        raise ValueError("磁盘读不出")

    @job_kind("test.hopeless")
    def _hopeless(context: JobContext) -> None:
        raise PermanentFailure("文件不是视频")

    @job_kind("test.waits", max_attempts=1)
    def _waits(context: JobContext) -> None:
        seen.append("waits")
        raise RetryLater("空间不足", 60)

    @job_kind("test.stale")
    def _stale(context: JobContext) -> None:
        Job.objects.filter(pk=context.claim.job_id).update(fence=99)
        context.progress(50)
        seen.append("never")

    yield seen
    registry._kinds.clear()
    registry._kinds.update(kinds_before)
    registry._periods.clear()
    registry._periods.update(periods_before)


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - LONG_AGO)


def in_threads(work, count: int) -> list:
    """Run `work(number)` in threads at once, each with its own connection, and give the results; raises what they raise."""
    start = threading.Barrier(count)
    results: list = []
    faults: list[Exception] = []

    def one(number: int) -> None:
        try:
            start.wait(10)
            results.append(work(number))
        except Exception as fault:  # noqa: BLE001 - raised again by the caller's thread
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if faults:
        raise faults[0]
    return results


@pytest.mark.django_db
def test_job_runs_once_and_is_done(calls):
    job = enqueue("test.note", {"word": "甲"})

    ran = run_due_jobs()

    job.refresh_from_db()
    assert (ran, calls) == (1, ["甲"])
    assert (job.state, job.progress, job.attempts, job.error) == ("done", 100, 1, "")
    assert job.lease_until is None


@pytest.mark.django_db
def test_job_due_later_waits(calls):
    enqueue("test.note", {"word": "乙"}, due_at=clock.now() + LONG_AGO)

    assert run_due_jobs() == 0
    assert calls == []


@pytest.mark.django_db
def test_claim_takes_the_most_urgent_first(calls):
    enqueue("test.note", {"word": "slow"}, priority=0)
    urgent = enqueue("test.note", {"word": "urgent"}, priority=10)

    (claim,) = claim_due("me", 1)

    assert claim.job_id == urgent.pk


@pytest.mark.django_db
def test_failing_job_is_tried_again_with_a_pause_then_parked_with_its_reason(calls):
    job = enqueue("test.fails")
    run_due_jobs()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("queued", 1, "ValueError: 磁盘读不出")
    assert job.due_at > clock.now()

    Job.objects.update(due_at=clock.now())
    run_due_jobs()

    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("failed", 2, "ValueError: 磁盘读不出")
    assert run_due_jobs() == 0


@pytest.mark.django_db
def test_permanent_failure_is_parked_at_once(calls):
    job = enqueue("test.hopeless")

    run_due_jobs()

    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("failed", 1, "文件不是视频")


@pytest.mark.django_db
def test_waiting_for_a_condition_counts_no_attempt(calls):
    job = enqueue("test.waits")

    for _ in range(3):
        Job.objects.update(due_at=clock.now())
        run_due_jobs()

    job.refresh_from_db()
    assert calls == ["waits"] * 3
    assert (job.state, job.attempts, job.error) == ("queued", 0, "空间不足")


@pytest.mark.django_db
def test_unknown_kind_waits_for_a_process_that_knows_it(calls):
    job = enqueue("test.of_a_removed_plugin")

    run_due_jobs()

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    assert "test.of_a_removed_plugin" in job.error


@pytest.mark.django_db
def test_progress_of_a_stale_claim_stops_the_job_and_writes_nothing(calls):
    job = enqueue("test.stale")

    run_due_jobs()

    job.refresh_from_db()
    assert calls == []
    assert (job.state, job.progress) == ("running", 0)


@pytest.mark.django_db
def test_claim_with_an_older_fence_can_neither_renew_nor_finish(calls):
    job = enqueue("test.note")
    (first,) = claim_due("first", 1)
    expire(job)
    (second,) = claim_due("second", 1)

    assert second.fence == first.fence + 1
    assert ledger.renew(first, 60) is False
    assert ledger.finish(first) is False
    assert ledger.park(first, "x") is False
    assert ledger.put_back(first, "x") is False
    assert ledger.report_progress(first, 5) is False
    assert execute(first) is False
    assert execute(second) is True


@pytest.mark.django_db
def test_job_whose_worker_dies_each_time_is_parked(calls):
    job = enqueue("test.note")
    for _ in range(kinds()["test.note"].max_attempts):
        assert len(claim_due("doomed", 1)) == 1
        expire(job)

    assert claim_due("doomed", 1) == []

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3)
    assert "租约到期" in job.error


@pytest.mark.django_db
def test_lease_renewed_while_it_is_reaped_wins(calls):
    job = enqueue("test.note")
    (claim,) = claim_due("me", 1)
    seen_expired_at = clock.now() - LONG_AGO  # the reaper read the row before the renewal

    assert ledger.put_back(claim, "silent", only_if_expired_at=seen_expired_at) is False

    job.refresh_from_db()
    assert job.state == "running"


@pytest.mark.django_db
def test_key_joins_the_waiting_job_and_pulls_it_forward(calls):
    first = enqueue("test.note", {"word": "one"}, key="k", due_at=clock.now() + LONG_AGO)

    assert enqueue("test.note", {"word": "two"}, key="k") is None

    first.refresh_from_db()
    assert first.due_at <= clock.now()
    assert run_due_jobs() == 1
    assert calls == ["one"]


@pytest.mark.django_db
def test_jobs_of_one_key_never_run_side_by_side(calls):
    enqueue("test.note", {"word": "one"}, key="k")
    (running,) = claim_due("me", 5)
    successor = enqueue("test.note", {"word": "two"}, key="k")

    assert successor is not None
    assert claim_due("other", 5) == []

    ledger.finish(running)
    assert [claim.job_id for claim in claim_due("other", 5)] == [successor.pk]


@pytest.mark.django_db
def test_put_back_with_a_successor_waiting_leaves_only_the_successor(calls):
    first = enqueue("test.note", key="k")
    (claim,) = claim_due("me", 1)
    successor = enqueue("test.note", key="k")

    assert ledger.put_back(claim, "broken") is True

    first.refresh_from_db()
    successor.refresh_from_db()
    assert (first.state, successor.state) == ("done", "queued")


@pytest.mark.django_db
def test_retry_with_its_like_waiting_changes_nothing(calls):
    parked = enqueue("test.hopeless", key="k")
    run_due_jobs()
    enqueue("test.hopeless", key="k")

    assert retry(parked) is False

    parked.refresh_from_db()
    assert parked.state == "failed"


@pytest.mark.django_db
def test_retry_gives_fresh_attempts(calls):
    parked = enqueue("test.hopeless")
    run_due_jobs()

    assert retry(parked) is True

    parked.refresh_from_db()
    assert (parked.state, parked.attempts, parked.error) == ("queued", 0, "")


@pytest.mark.django_db
def test_cancelled_running_job_cannot_finish(calls):
    job = enqueue("test.note")
    (claim,) = claim_due("me", 1)

    assert cancel(job) is True
    assert ledger.finish(claim) is False
    with pytest.raises(LeaseLost):
        JobContext(claim, 60).progress(10)

    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.django_db
def test_heavy_jobs_leave_room_for_the_rest(calls):
    me = owners.this_process()
    enqueue("test.heavy", priority=5)
    enqueue("test.heavy", priority=5)
    light = enqueue("test.note")

    first = claim_due(me, 1, heavy_limit=1)
    second = claim_due(me, 2, heavy_limit=1)

    assert [claim.kind for claim in first] == ["test.heavy"]
    assert [claim.job_id for claim in second] == [light.pk]
    assert claim_due(me, 1, heavy_limit=2)[0].kind == "test.heavy"


@pytest.mark.django_db
def test_light_job_is_claimed_and_begun_with_few_queries(calls, django_assert_max_num_queries):
    enqueue("test.note", {"word": "now"})

    with django_assert_max_num_queries(7):  # expired leases, what is due, savepoint, swap, release; then the outcome
        (claim,) = claim_due(owners.this_process(), 1, heavy_limit=1)
        assert execute(claim, heartbeat=False, just_claimed=True)

    assert calls == ["now"]


@pytest.mark.django_db
def test_claims_of_a_dead_process_are_released_at_once_and_living_ones_kept(calls):
    mine, theirs = enqueue("test.note"), enqueue("test.note")
    claim_due(owners.this_process(), 1)
    machine = owners.machine_of(owners.this_process())
    claim_due(f"{machine}1/1", 1)  # process 1 did not start at tick 1

    released = release_claims_of_dead_worker(sole_machine=False)

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert released == 1
    assert (mine.state, theirs.state, theirs.attempts) == ("running", "queued", 1)


@pytest.mark.django_db
def test_claims_of_another_machine_are_left_to_their_lease_unless_we_are_alone(calls):
    job = enqueue("test.note")
    claim_due("elsewhere/abcdef12/4026531836/77/1234", 1)

    assert release_claims_of_dead_worker(sole_machine=False) == 0
    assert release_claims_of_dead_worker(sole_machine=True, counted=False) == 1

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_owner_of_this_process_is_alive():
    assert owners.is_dead(owners.this_process(), sole_machine=True) is False


@pytest.mark.django_db
def test_periodic_job_is_queued_once_a_period(calls):
    periodic("test.note", every_seconds=60)

    assert [fire_periodic(), fire_periodic()] == [1, 0]
    assert run_due_jobs() == 1

    PeriodicJob.objects.filter(kind="test.note").update(next_due_at=clock.now())
    assert fire_periodic() == 1


@pytest.mark.django_db(transaction=True)
def test_waker_is_called_after_commit_only(calls):
    woken: list[int] = []
    set_waker(lambda: woken.append(Job.objects.count()))
    try:
        with transaction.atomic():
            enqueue("test.note")
            assert woken == []
        assert woken == [1]
        with transaction.atomic():
            enqueue("test.note")
            transaction.set_rollback(True)
        assert woken == [1]
    finally:
        set_waker(None)


# --- races: the same on SQLite and, in the second run of bin/test, on PostgreSQL ---------------------------------------


@pytest.mark.django_db(transaction=True)
def test_concurrent_claims_give_each_job_to_one_claimer(calls):
    wanted = {enqueue("test.note").pk for _ in range(40)}

    def claim_all(number: int) -> list[int]:
        got = []
        while claims := claim_due(f"claimer {number}", 3):
            got += [claim.job_id for claim in claims]
        return got

    taken = [job_id for part in in_threads(claim_all, 6) for job_id in part]

    assert sorted(taken) == sorted(wanted)


@pytest.mark.django_db(transaction=True)
def test_concurrent_enqueues_of_one_key_leave_one_job(calls):
    made = in_threads(lambda number: enqueue("test.note", key="only"), 6)

    assert sum(job is not None for job in made) == 1
    assert Job.objects.filter(kind="test.note", key="only").count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_relays_fire_a_period_once(calls):
    periodic("test.note", every_seconds=60)

    fired = in_threads(lambda number: fire_periodic(), 6)

    assert sum(fired) == 1
    assert Job.objects.filter(kind="test.note").count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_reapers_count_one_attempt(calls):
    job = enqueue("test.note")
    claim_due("dead", 1)
    expire(job)

    in_threads(lambda number: ledger.reap_expired(), 6)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 1)


@pytest.mark.cluster
@pytest.mark.django_db(transaction=True)
def test_joined_job_is_not_claimed_before_the_joining_transaction_commits(calls):
    """Else it could run and end without what the joining transaction wrote, and nobody would come again."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, so the claim waits by itself")
    enqueue("test.note", key="k")
    claims_during: list = []

    def claim_elsewhere() -> None:
        try:
            claims_during.append(claim_due("other", 1))
        finally:
            connection.close()

    with transaction.atomic():
        assert enqueue("test.note", key="k") is None
        thread = threading.Thread(target=claim_elsewhere)
        thread.start()
        thread.join(20)

    assert claims_during == [[]]
    assert len(claim_due("other", 1)) == 1


@pytest.mark.django_db(transaction=True)
def test_atomic_job_takes_effect_only_with_the_newest_claim(calls):
    """The one that was taken over in the middle writes nothing; the one that took over writes once."""
    taken_over = []

    @job_kind("test.atomic", atomic=True)
    def _atomic(context: JobContext) -> None:
        PeriodicJob.objects.create(kind=f"effect {len(taken_over)}", every_seconds=1)
        if not taken_over:
            taken_over.append(Job.objects.filter(kind="test.atomic").update(fence=F("fence") + 1))

    enqueue("test.atomic")
    first = claim_due("one", 1)[0]

    assert not execute(first, heartbeat=False)
    assert PeriodicJob.objects.filter(kind__startswith="effect").count() == 0
    Job.objects.filter(kind="test.atomic").update(state=Job.State.QUEUED)
    assert execute(claim_due("two", 1)[0], heartbeat=False)
    assert list(PeriodicJob.objects.filter(kind__startswith="effect").values_list("kind", flat=True)) == ["effect 1"]


@pytest.mark.django_db(transaction=True)
def test_atomic_job_that_fails_leaves_no_half_of_its_effect(calls):
    @job_kind("test.atomic_fails", atomic=True, max_attempts=1)
    def _fails(context: JobContext) -> None:
        PeriodicJob.objects.create(kind="half", every_seconds=1)
        raise ValueError("x")

    enqueue("test.atomic_fails")

    assert run_due_jobs() == 1
    assert not PeriodicJob.objects.filter(kind="half").exists()
    assert Job.objects.get(kind="test.atomic_fails").state == "failed"
