"""The cluster with real processes: PostgreSQL, a Redis of its own as the broker, and the commands of the units in `deploy/`."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.faults.machine import alive, group_of, until
from tests.services.servers import answers, folder_for, free_port, start_redis

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

PROJECT_DIR = Path(__file__).resolve().parents[2]
UNITS = PROJECT_DIR / "deploy" / "systemd"
PYTHON = "/opt/linghang/.venv/bin/python"


def command_of(unit: str, web_port: int) -> list[str]:
    """The command of a unit as systemd would start it, with this Python and this port."""
    (line,) = re.findall(r"^ExecStart=(.*)$", (UNITS / f"linghang-{unit}.service").read_text(), re.MULTILINE)
    words = shlex.split(line)
    assert not any(re.search(r"(?<!\$)\$[{A-Z]", word) for word in words), "systemd would replace this by itself"
    in_shell = shlex.quote(sys.executable)  # the worker's command is a word for a shell, and our path may hold blanks
    words = [sys.executable if word == PYTHON else word.replace(PYTHON, in_shell) for word in words]
    return [word.replace("127.0.0.1:8000", f"127.0.0.1:{web_port}").replace("$$", "$") for word in words]


class Cluster:
    """A web process, a relay and a worker, each in a process group of its own as in a unit, and their broker."""

    def __init__(self, folder: Path, database: str, broker_folder: Path) -> None:
        self.notes = folder / "notes.txt"
        self.database = database
        self.web_port, self.broker_port = free_port(), free_port()
        self.broker_folder = broker_folder
        self.log = folder / "log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))},
            "LINGHANG_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "tests.faults.probe_settings",
            "PYTHONPATH": str(PROJECT_DIR),
            "DATABASE_URL": database,
            "REDIS_URL": "",
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.broker_port}/0",
            "WORKER_CONCURRENCY": "2",
        }
        (folder / "data").mkdir()
        self.broker: subprocess.Popen[bytes] | None = None
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def manage(self, *command: str) -> None:
        words = [sys.executable, "manage.py", *command]
        subprocess.run(words, cwd=PROJECT_DIR, env=self.environment, timeout=120, check=True)

    def start(self, unit: str) -> None:
        with self.log.open("ab") as log:
            self.running[unit] = subprocess.Popen(
                command_of(unit, self.web_port),
                cwd=PROJECT_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def start_broker(self) -> None:
        self.broker = start_redis(self.broker_folder, self.broker_port)

    def kill_broker(self) -> None:
        if self.broker is not None:
            self.broker.kill()
            self.broker.wait()
            self.broker = None

    def kill(self, unit: str) -> None:
        """Kill -9 of the whole unit, as systemd does with what the main process left (KillMode=mixed)."""
        process = self.running.pop(unit)
        family = group_of(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        until(lambda: alive(family) == [], f"{unit} is gone", seconds=10)

    def order(self, numbers: range, seconds: float = 0.0) -> None:
        """Queue jobs over HTTP; the answer comes after the commit."""
        for number in numbers:
            body = urllib.parse.urlencode({"number": number, "path": str(self.notes), "seconds": seconds}).encode()
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}/order", body, timeout=10) as answer:
                assert answer.read() == b"queued"

    def lines(self, word: str) -> list[tuple[int, int]]:
        """What jobs noted: their number and the process that ran them."""
        if not self.notes.exists():
            return []
        found = [line.split() for line in self.notes.read_text().splitlines() if line.startswith(word)]
        return [(int(number), int(pid)) for _, number, pid in found]

    def states(self) -> dict[str, int]:
        with closing(psycopg.connect(self.database)) as connection:
            question = "SELECT state, COUNT(*) FROM ground_job WHERE kind = 'fault.step' GROUP BY state"
            return dict(connection.execute(question).fetchall())

    def stop(self) -> None:
        for unit in list(self.running):
            self.kill(unit)
        self.kill_broker()


@pytest.fixture
def database() -> Iterator[str]:
    """The address of a PostgreSQL database of its own."""
    server, name = os.environ["DATABASE_URL"], f"fault_{secrets.token_hex(4)}"
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield server.rpartition("/")[0] + f"/{name}"
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def broker_folder() -> Iterator[Path]:
    """A folder that the user of Redis gets to, which one inside `tmp_path` is not."""
    with tempfile.TemporaryDirectory(prefix="linghang-broker-") as base:
        os.chmod(base, 0o711)
        yield folder_for(Path(base), "redis", "redis")


@pytest.fixture
def cluster(tmp_path, database, broker_folder) -> Iterator[Cluster]:
    made = Cluster(tmp_path, database, broker_folder)
    try:
        made.manage("migrate", "-v0")
        made.start_broker()
        for unit in ("web", "relay", "worker"):
            made.start(unit)
        until(lambda: answers(made.web_port), "the site answers")
        yield made
    finally:
        made.stop()


def test_job_committed_on_web_is_done_by_the_celery_worker(cluster):
    cluster.order(range(20))

    until(lambda: cluster.states() == {"done": 20}, "all jobs are done")
    ends = cluster.lines("end")
    assert sorted(number for number, _ in ends) == list(range(20))
    worker = cluster.running["worker"].pid
    assert {pid for _, pid in ends} <= set(group_of(worker)) - {worker}


def test_job_of_a_killed_worker_is_done_by_the_next_long_before_its_lease_ends(cluster):
    cluster.order(range(6), seconds=1.0)
    until(lambda: len(cluster.lines("begin")) >= 3, "jobs run")

    cluster.kill("worker")
    cluster.start("worker")

    until(lambda: cluster.states() == {"done": 6}, "all jobs are done", seconds=40)
    assert {number for number, _ in cluster.lines("end")} == set(range(6))


def test_jobs_committed_without_broker_relay_or_worker_are_done_when_they_are_back(cluster):
    cluster.order(range(2))
    until(lambda: cluster.states() == {"done": 2}, "the first jobs are done")

    cluster.kill_broker()
    time.sleep(2)  # what had reached the worker before is over
    cluster.order(range(2, 5))
    cluster.kill("relay")
    cluster.order(range(5, 8))
    cluster.start("relay")
    assert cluster.states() == {"done": 2, "queued": 6}
    cluster.start_broker()  # with nothing of what it held

    until(lambda: cluster.states() == {"done": 8}, "all jobs are done", seconds=120)
    assert sorted(number for number, _ in cluster.lines("end")) == list(range(8))


def test_worker_that_was_busy_in_all_slots_when_the_broker_died_hears_again(cluster):
    cluster.order(range(2), seconds=4.0)
    until(lambda: len(cluster.lines("begin")) == 2, "both slots are busy")

    cluster.kill_broker()
    until(lambda: cluster.states() == {"done": 2}, "what was running is done")
    time.sleep(2)  # what was done cannot be acknowledged now
    cluster.start_broker()
    cluster.order(range(2, 5))

    until(lambda: cluster.states() == {"done": 5}, "the jobs after it are done", seconds=60)
