"""Kill -9 of anything: nothing is lost, nothing runs twice with effect, nothing stays behind. Real processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.services.servers import free_port

pytestmark = pytest.mark.slow

PROJECT_DIR = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60


def until(ready: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Ask ten times a second until it is true."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def group_of(pid: int) -> list[int]:
    """Living processes of the group that `pid` leads, read from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in {"Z", "X"} and int(fields[2]) == pid:
            found.append(int(entry.name))
    return sorted(found)


def children_of(pid: int) -> list[int]:
    try:
        return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class Machine:
    """A supervisor with its web and worker on a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.notes = data / "notes.txt"
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))},
            "LINGHANG_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "tests.faults.probe_settings",
            "PYTHONPATH": str(PROJECT_DIR),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "portal.config.processes.supervisor", "--port", str(self.port)]
        with (self.data / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT_DIR, env=self.environment, stdout=log, stderr=log)
        until(self.answers, "the site answers")
        until(lambda: len(self.worker_children()) == 2, "the worker has two processes")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                return answer.read() == b"hello"
        except OSError:
            return False

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def leader(self, word: str) -> int:
        """The pid of the supervisor's child whose command line has this word; 0 when there is none."""
        for pid in children_of(self.pid):
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return 0

    def worker_children(self) -> list[int]:
        leader = self.leader("celery")
        return [pid for pid in group_of(leader) if pid != leader] if leader else []

    def everything(self) -> list[int]:
        """All pids of the supervisor and of the groups of its children."""
        return [self.pid, *(pid for child in children_of(self.pid) for pid in group_of(child))]

    def enqueue(self, numbers: range, seconds: float) -> None:
        """Queue jobs from another process, as the web does."""
        code = (
            "import django; django.setup()\n"
            "from portal.ground.jobs import enqueue\n"
            f"for n in range({numbers.start}, {numbers.stop}):\n"
            f"    enqueue('fault.step', {{'number': n, 'path': {str(self.notes)!r}, 'seconds': {seconds}}})\n"
        )
        subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, env=self.environment, timeout=60, check=True)

    def lines(self, word: str) -> list[int]:
        if not self.notes.exists():
            return []
        return [int(line.split()[1]) for line in self.notes.read_text().splitlines() if line.startswith(word)]

    def states(self) -> dict[str, int]:
        with closing(sqlite3.connect(self.data / "linghang.sqlite3", timeout=10)) as database:
            rows = database.execute("SELECT state, COUNT(*) FROM ground_job WHERE kind = 'fault.step' GROUP BY state")
            return dict(rows.fetchall())

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(WAIT_SECONDS)


def alive(pids: list[int]) -> list[int]:
    def lives(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
        except OSError:
            return False

    return [pid for pid in pids if lives(pid)]


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
