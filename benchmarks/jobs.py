"""How long from the commit of a job to its first line, on one machine with the site running."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import django

from benchmarks import running

JOBS = 200
PAUSE_SECONDS = 0.05
BURST = 1000
TARGET_P95_MS = 20.0


def run(options: Any) -> dict[str, Any]:
    """Milliseconds from commit to first line at 20 jobs a second, and the seconds to do 1,000 that come at once.

    The baseline is what stock parts measured in the same arrangement: Celery's filesystem transport 108 ms (p95).
    """
    with running.data_folder(getattr(options, "empty_site", None), demo=False) as data:
        os.environ.update(running.environment(data))
        django.setup()
        with running.site(data):
            _wait_for_worker(data)
            return _measure(data)


def _wait_for_worker(data: Path) -> None:
    """Until the worker is up, which is after the web process, and has done what a fresh site has to do."""
    from portal.ground.jobs import enqueue

    first = data / "first.txt"
    first.unlink(missing_ok=True)
    enqueue("bench.note", {"number": 0, "path": str(first)})
    _wait_for_notes(first, 1)
    running.wait_until_idle()


def _measure(data: Path) -> dict[str, Any]:
    from django.db import transaction

    from portal.ground.jobs import enqueue

    notes = data / "notes.txt"
    notes.unlink(missing_ok=True)
    committed: dict[int, int] = {}
    for number in range(JOBS):
        enqueue("bench.note", {"number": number, "path": str(notes)})
        committed[number] = time.time_ns()
        time.sleep(PAUSE_SECONDS)
    began = _wait_for_notes(notes, JOBS)
    waits = sorted((began[number] - committed[number]) / 1e6 for number in committed)
    start = time.monotonic()
    with transaction.atomic():
        for number in range(JOBS, JOBS + BURST):
            enqueue("bench.note", {"number": number, "path": str(notes)})
    _wait_for_notes(notes, JOBS + BURST)
    p95 = waits[int(len(waits) * 0.95)]
    return {
        "jobs": JOBS,
        "p50_ms": round(statistics.median(waits), 2),
        "p95_ms": round(p95, 2),
        "max_ms": round(waits[-1], 2),
        "burst_of_1000_seconds": round(time.monotonic() - start, 2),
        "ratio_to_filesystem_transport_p95": round(p95 / 108, 3),
        "targets": {"p95_ms": {"at_most": TARGET_P95_MS}},
    }


def _wait_for_notes(path: Path, count: int, seconds: float = 60) -> dict[int, int]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        lines = path.read_text().splitlines() if path.exists() else []
        if len(lines) >= count:
            numbers = [line.split() for line in lines]
            assert len(numbers) == count, "a job ran twice"
            return {int(number): int(began) for number, began in numbers}
        time.sleep(0.05)
    raise TimeoutError(f"{count} jobs were not done within {seconds} s")
