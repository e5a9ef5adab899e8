"""A whole site on one machine as a fault test sees it: a supervisor with its web and worker, and ways to look at them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.services.servers import free_port

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
