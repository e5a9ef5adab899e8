"""A storm of kill -9 at random moments on anything of a running site, while its web takes orders. From a seed.

What was acknowledged must have taken effect exactly once in the end, and what was not, at most once.
"""

from __future__ import annotations

import dataclasses
import http.client
import os
import random
import signal
import sqlite3
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import closing

from tests.faults.machine import Machine, group_of, until

VICTIMS = {"worker process": 6, "worker": 3, "web process": 5, "web": 4, "supervisor": 2}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a storm. `lost`: acknowledged without effect; `doubled`: with more than one; `uncounted`: effects that the
    consumer did not answer exactly once; `unfinished`: jobs that are neither done nor would go on."""

    kills: Counter[str]
    acknowledged: int
    unanswered: int
    lost: int
    doubled: int
    uncounted: int
    unfinished: int
    seconds_to_rest: float


class _Orders(threading.Thread):
    """Orders one effect after the other from the web, as people do, whatever happens to it."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(daemon=True)
        self.machine, self.over = machine, threading.Event()
        self.acknowledged: list[int] = []
        self.unanswered: list[int] = []

    def run(self) -> None:
        number = 0
        while not self.over.wait(0.03):
            number += 1
            data = urllib.parse.urlencode({"number": number}).encode()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.machine.port}/effect", data, timeout=10) as answer:
                    good = answer.read() == b"queued"
            except (OSError, http.client.HTTPException):  # no connection, or an answer that broke off
                good = False
                time.sleep(0.1)
            (self.acknowledged if good else self.unanswered).append(number)


def storm(machine: Machine, kills: int, seed: int) -> Outcome:
    """Kill `kills` times, let it come to rest, and count. `machine` runs before and after."""
    chance = random.Random(seed)
    orders = _Orders(machine)
    orders.start()
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        time.sleep(chance.uniform(0.1, 0.8))
        victim = chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if _kill(machine, victim, chance):
            killed[victim] += 1
    orders.over.set()
    orders.join()
    began = time.monotonic()
    until(machine.answers, "the site answers")
    _rest(machine)
    return _count(machine, killed, orders, time.monotonic() - began)


def _rest(machine: Machine, patience: float = 120.0) -> None:
    """Wait until all work is done, as long as there is less of it than before; `patience` seconds without that are too many."""
    least, since = _open(machine), time.monotonic()
    while least:
        time.sleep(0.2)
        if (left := _open(machine)) < least:
            least, since = left, time.monotonic()
        assert time.monotonic() - since < patience, f"{left} jobs and deliveries do not go on"


def _kill(machine: Machine, victim: str, chance: random.Random) -> bool:
    if victim == "supervisor":
        os.kill(machine.pid, signal.SIGKILL)
        assert machine.process is not None
        machine.process.wait(10)
        machine.start()
        return True
    leader = machine.leader("celery" if victim.startswith("worker") else "gunicorn")
    pids = [leader] if not victim.endswith("process") else [pid for pid in group_of(leader) if pid != leader]
    if not leader or not pids:
        return False
    try:
        os.kill(chance.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _ask(machine: Machine, query: str) -> list[tuple]:
    with closing(sqlite3.connect(machine.data / "linghang.sqlite3", timeout=10)) as database:
        return database.execute(query).fetchall()


def _open(machine: Machine) -> int:
    jobs = "SELECT COUNT(*) FROM ground_job WHERE state IN ('queued', 'running') AND kind IN ('fault.effect', 'outbox.drain')"
    deliveries = "SELECT COUNT(*) FROM ground_delivery WHERE state = 'waiting'"
    return sum(_ask(machine, query)[0][0] for query in (jobs, deliveries))


def _count(machine: Machine, killed: Counter[str], orders: _Orders, seconds: float) -> Outcome:
    numbers = "SELECT json_extract(payload, '$.number') FROM ground_outboxentry WHERE name = '{}'"
    done = Counter(row[0] for row in _ask(machine, numbers.format("fault.done")))
    counted = Counter(row[0] for row in _ask(machine, numbers.format("fault.counted")))
    unfinished = "SELECT COUNT(*) FROM ground_job WHERE kind = 'fault.effect' AND state <> 'done'"
    return Outcome(
        kills=killed,
        acknowledged=len(orders.acknowledged),
        unanswered=len(orders.unanswered),
        lost=sum(1 for number in orders.acknowledged if done[number] == 0),
        doubled=sum(1 for number in done if done[number] > 1),
        uncounted=sum(1 for number in done | counted if counted[number] != done[number]),
        unfinished=_ask(machine, unfinished)[0][0],
        seconds_to_rest=seconds,
    )
