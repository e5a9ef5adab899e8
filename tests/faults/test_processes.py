"""Kill -9 of anything: nothing is lost, nothing runs twice with effect, nothing stays behind. Real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.faults.machine import PROJECT_DIR, Machine, alive, group_of, until
from tests.services.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def machine(tmp_path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    made.manage("migrate", "-v0")
    made.start()
    yield made
    made.stop()


def test_interrupt_stops_everything_within_seconds(machine):
    family = machine.everything()
    assert len(family) >= 6  # supervisor, gunicorn and its worker, celery and its two

    began = time.monotonic()
    machine.process.send_signal(signal.SIGINT)
    code = machine.process.wait(30)

    assert code == 0
    assert alive(family) == []
    assert time.monotonic() - began < 20


def test_kill_of_the_supervisor_leaves_no_orphan_and_a_new_one_goes_on(machine):
    machine.enqueue(range(4), seconds=1.0)
    until(lambda: len(machine.lines("begin")) >= 2, "two jobs run")
    family = machine.everything()

    os.kill(machine.pid, signal.SIGKILL)
    machine.process.wait(10)

    until(lambda: alive(family) == [], "all are gone", seconds=5)
    machine.start()
    until(lambda: machine.states() == {"done": 4}, "all jobs are done")
    assert sorted(machine.lines("end")) == [0, 1, 2, 3]


@pytest.mark.parametrize("victim", ["gunicorn", "celery"])
def test_killed_program_is_started_again(machine, victim):
    before = machine.leader(victim)
    family = group_of(before)

    os.kill(before, signal.SIGKILL)

    until(lambda: machine.leader(victim) not in {0, before}, f"{victim} is back")
    until(machine.answers, "the site answers")
    until(lambda: alive(family) == [], "what the killed one had started is gone")


def test_killed_web_process_is_replaced_by_gunicorn(machine):
    leader = machine.leader("gunicorn")
    (web,) = [pid for pid in group_of(leader) if pid != leader]

    os.kill(web, signal.SIGKILL)

    until(machine.answers, "the site answers")
    assert machine.leader("gunicorn") == leader


def test_jobs_of_killed_worker_processes_are_taken_over_at_once(machine):
    """Five rounds: a worker process dies in the middle of its job, or while it waits for one; the rest goes on, and the job
    is queued again when its process is seen to be gone, long before its lease of 60 s."""
    machine.enqueue(range(12), seconds=0.4)
    kills = 5
    for kill in range(1, kills + 1):
        until(lambda kill=kill: len(machine.lines("begin")) > kill, "jobs begin")
        victims = machine.worker_children()
        if victims:
            os.kill(victims[0], signal.SIGKILL)
        time.sleep(0.3)

    until(lambda: machine.states() == {"done": 12}, "all jobs are done", seconds=50)
    ends = machine.lines("end")
    assert set(ends) == set(range(12))
    assert len(ends) - 12 <= kills  # once more only where the kill came between the last line and the ledger


def test_second_supervisor_on_the_same_data_is_refused(machine):
    command = [sys.executable, "-m", "portal.config.processes.supervisor", "--port", str(free_port())]
    second = subprocess.run(
        command, cwd=PROJECT_DIR, env=machine.environment, capture_output=True, text=True, timeout=30, check=False
    )

    assert second.returncode == 1
    assert "数据目录正在被另一个领航使用" in second.stdout
    assert machine.answers()
