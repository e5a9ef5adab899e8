"""Starting the real site for a measurement, and asking it for pages as fast as it can."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parents[1]
SETTINGS = "benchmarks.probe.settings"


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, database: str = "") -> dict[str, str]:
    """The environment of the measured site: one machine, no service of anybody but the database that is named."""
    foreign = {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "CELERY_BROKER_URL", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    if database:
        kept["DATABASE_URL"] = database
    return {**kept, "LINGHANG_DATA": str(data), "DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(PROJECT_DIR)}


@contextlib.contextmanager
def data_folder(given: str | None, *, demo: bool = True, database: str = "") -> Iterator[Path]:
    """A folder with the demo site in it, or an empty one: a given one, or a temporary one that is made now (some 30 s)."""
    if given:
        prepare(Path(given), demo=demo, database=database)
        yield Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="linghang-bench-"))
    try:
        prepare(folder, demo=demo, database=database)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measured_apart(code: str, *words: object) -> Any:
    """What `code` prints behind the word "figures", run by a process of its own on a new data folder (or on the database of
    `DATABASE_URL`, which must be empty) with `words` as its arguments."""
    with tempfile.TemporaryDirectory(prefix="linghang-bench-") as name:
        done = subprocess.run(
            [sys.executable, "-c", code, *(str(word) for word in words)],
            cwd=PROJECT_DIR,
            env={**os.environ, "LINGHANG_DATA": name, "DJANGO_SETTINGS_MODULE": "portal.config.settings.dev"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return json.loads(done.stdout.rsplit("figures ", 1)[1])


def prepare(data: Path, *, demo: bool, database: str = "") -> None:
    """Migrate, collect, load the demo site; what is there already is left. Raises RuntimeError with what it said."""
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "manage.py", "prepare", *([] if demo else ["--no-demo"])]
    done = subprocess.run(
        command,
        cwd=PROJECT_DIR,
        env=environment(data, database),
        timeout=900,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py prepare failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


@contextlib.contextmanager
def site(data: Path) -> Iterator[int]:
    """The supervisor with web and worker, as `bin/run` starts it; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "portal.config.processes.supervisor", "--port", str(port)]
    with (data / "site.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=PROJECT_DIR, env=environment(data), stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/bare/")
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_idle(seconds: float = 900) -> None:
    """Wait until no job is due or running: the films of a fresh demo site, the pictures. Raises TimeoutError."""
    from portal.ground.jobs import count_due
    from portal.ground.models import Job

    until = time.monotonic() + seconds
    while count_due() or Job.objects.filter(state=Job.State.RUNNING).exists():
        if time.monotonic() > until:
            raise TimeoutError(f"jobs still run after {seconds} s")
        time.sleep(0.5)


def wait_for(address: str, seconds: float = 60) -> None:
    """Ask until something answers. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer within {seconds} s")


def requests_per_second(port: int, path: str, *, seconds: float = 3.0, connections: int = 4) -> float:
    """Answers a second over some kept connections, each asking again when it has its answer. Raises RuntimeError for
    any answer but 200. Our own client, so that nothing needs to be installed; it takes well under half of one core."""
    ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: identity\r\n\r\n".encode()
    selector = selectors.DefaultSelector()
    answers = 0
    with contextlib.ExitStack() as stack:
        for _ in range(connections):
            link = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(link, selectors.EVENT_READ, [0])  # bytes of the answer still to come
            link.sendall(ask)
        began = time.perf_counter()
        until = began + seconds
        while (moment := time.perf_counter()) < until:
            for key, _ in selector.select(1):
                link, left = key.fileobj, key.data
                assert isinstance(link, socket.socket)
                part = link.recv(262144)
                if not part:
                    raise RuntimeError("the server closed the connection")
                left[0] = _bytes_to_come(part) if left[0] == 0 else left[0] - len(part)
                if left[0] == 0:
                    answers += 1
                    link.sendall(ask)
        return answers / (moment - began)


def _bytes_to_come(part: bytes) -> int:
    head, _, body = part.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"unexpected answer: {head[:80]!r}")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value) - len(body)
    raise RuntimeError("an answer without Content-Length cannot be measured")
