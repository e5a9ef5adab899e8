"""Durable jobs. `job_kind` declares what a kind does, `enqueue` writes a row, a worker claims, runs and finishes it."""

from portal.ground.jobs.execute import (
    JobContext,
    LeaseLost,
    PermanentFailure,
    RetryLater,
    execute,
    run_due_jobs,
    work_for,
)
from portal.ground.jobs.kinds import UnknownJobKind, job_kind, kinds, periodic
from portal.ground.jobs.ledger import (
    Claim,
    cancel,
    claim_due,
    count_due,
    enqueue,
    fire_periodic,
    register_sweep,
    release_claims_of_dead_worker,
    retry,
    set_waker,
    sweep,
)

__all__ = [
    "Claim",
    "JobContext",
    "LeaseLost",
    "PermanentFailure",
    "RetryLater",
    "UnknownJobKind",
    "cancel",
    "claim_due",
    "count_due",
    "enqueue",
    "execute",
    "fire_periodic",
    "job_kind",
    "kinds",
    "periodic",
    "register_sweep",
    "release_claims_of_dead_worker",
    "retry",
    "run_due_jobs",
    "set_waker",
    "sweep",
    "work_for",
]
