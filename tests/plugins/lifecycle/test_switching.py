"""Switching is data: another process sees it on its very next request."""

import subprocess
import sys

import pytest

from tests.plugins.lifecycle.machine import PROJECT_DIR, installation

pytestmark = pytest.mark.slow

ANSWERING = """
import sys
import django
django.setup()
from django.test import Client
client = Client()
for line in sys.stdin:
    print("status", client.get(line.strip()).status_code, flush=True)
"""


class Process:
    """A process that answers addresses with their status, one after the other, and is never started again."""

    def __init__(self, made):
        self.running = subprocess.Popen(
            [sys.executable, "-c", ANSWERING],
            cwd=PROJECT_DIR,
            env=made.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def get(self, address):
        self.running.stdin.write(f"{address}\n")
        self.running.stdin.flush()
        while line := self.running.stdout.readline():
            if line.startswith("status "):
                return int(line.split()[1])
        raise AssertionError("the process ended")

    def end(self):
        self.running.stdin.close()
        self.running.wait(30)
        self.running.stdout.close()


def test_two_running_processes_see_a_switch_by_a_third_on_their_next_request(tmp_path):
    with installation(tmp_path / "data") as made:
        first, second = Process(made), Process(made)
        try:
            assert [process.get("/p/quizzes/") for process in (first, second)] == [200, 200]
            for _ in range(2):
                made.manage("plugins", "disable", "quizzes")
                assert [process.get("/p/quizzes/") for process in (first, second)] == [404, 404]
                made.manage("plugins", "enable", "quizzes")
                assert [process.get("/p/quizzes/") for process in (first, second)] == [200, 200]
        finally:
            first.end()
            second.end()
