"""The supervisor of one machine: starts web and worker, restarts what dies, and leaves nothing running when it ends.

`bin/run` execs it; it uses the standard library only. Each child leads a process group of its own, so Ctrl-C in the
terminal reaches the supervisor alone, and holds the read end of a pipe (see `guard`), so that not even `kill -9` of the
supervisor leaves an orphan.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from portal.config.processes.guard import PIPE_VARIABLE

PROJECT_DIR = Path(__file__).resolve().parents[3]
STOPPED_IN_ORDER = "stopped-in-order"  # read by `work`: the interrupted attempt of a job is then not held against it
WEB_STOP_SECONDS = 8.0
WORKER_STOP_SECONDS = 8.0
LONGEST_BACKOFF_SECONDS = 30.0
STEADY_SECONDS = 60.0
GIVE_UP_AFTER = 5


def say(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclasses.dataclass
class Child:
    """A program to keep running: `deaths` counts ends in a row, `not_before` is when it may start again (monotonic)."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    not_before: float = 0.0

    def start(self, pipe: int, environment: dict[str, str]) -> None:
        """Start it as the leader of a new process group."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            self.command,
            cwd=PROJECT_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=[pipe],
            process_group=0,
        )

    def ended(self) -> int | None:
        """Its exit code when it has ended just now; its leftovers are killed and the time of its restart is set."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.kill_group()
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.deaths = 0
        self.deaths += 1
        self.not_before = time.monotonic() + min(0.25 * 2**self.deaths, LONGEST_BACKOFF_SECONDS)
        self.process = None
        return code

    def kill_group(self) -> None:
        """Kill whatever is left of it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self, seconds: float) -> None:
        """Ask it to end, wait at most so many seconds, then kill its whole group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.kill_group()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process = None


class Supervisor:
    """Keeps the children running until it is told to stop."""

    def __init__(self, children: list[Child], run_dir: Path) -> None:
        self.children = children
        self.run_dir = run_dir
        self.stopping = threading.Event()
        self.came_up = False
        self.exit_code = 0

    def run(self) -> int:
        """Start everything and watch it; returns the exit code when asked to stop, or 1 when it never came up."""
        read_end, write_end = os.pipe()
        environment = {**os.environ, PIPE_VARIABLE: str(read_end)}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    self._tend(child, read_end, environment)
                self.stopping.wait(0.1)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave a child behind
            self._stop_all()
            os.close(write_end)
        return self.exit_code

    def _tend(self, child: Child, pipe: int, environment: dict[str, str]) -> None:
        code = child.ended()
        if code is not None:
            say(f"! {child.name} 意外退出，正在重新启动 ({child.name} ended with {code}, restarting)")
            if not self.came_up and child.deaths >= GIVE_UP_AFTER:
                say(
                    f"! {child.name} 无法启动，请查看上面的错误信息 ({child.name} cannot start, see the messages above)"
                )
                self.exit_code = 1
                self.stopping.set()
                return
        if child.process is None and time.monotonic() >= child.not_before:
            child.start(pipe, environment)

    def _stop_all(self) -> None:
        with contextlib.suppress(OSError):
            (self.run_dir / STOPPED_IN_ORDER).touch()
        for child in self.children:
            child.stop(WEB_STOP_SECONDS if child.name == "web" else WORKER_STOP_SECONDS)


def announce_when_up(supervisor: Supervisor, address: str) -> None:
    """Say the address once the site answers, whatever it answers."""
    while not supervisor.stopping.wait(0.1):
        try:
            urllib.request.urlopen(address, timeout=10).close()  # noqa: S310 - our own http address
        except urllib.error.HTTPError:
            pass
        except OSError:
            continue
        supervisor.came_up = True
        say(f"✓ 领航已就绪 / ready: {address}\n  按 Ctrl-C 停止 / press Ctrl-C to stop")
        return


def children_for(host: str, port: int) -> list[Child]:
    """The programs of a single machine, in the order in which they are stopped."""
    here = f"[{host}]" if ":" in host else host
    python = sys.executable
    concurrency = os.environ.get("WORKER_CONCURRENCY", "2")
    web = [python, "-m", "gunicorn", "--config", "python:portal.config.processes.gunicorn_conf"]
    worker = [python, "-m", "celery", "-A", "portal.config.celery", "-q", "worker", "-P", "prefork", "-c", concurrency]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    children = [Child("web", [*web, "--bind", f"{here}:{port}", "portal.config.wsgi:application"])]
    if os.environ.get("CELERY_BROKER_URL") or os.environ.get("REDIS_URL"):
        children.append(Child("relay", [python, "manage.py", "relay"]))
    return [*children, Child("worker", worker)]


def only_one(run_dir: Path) -> int | None:
    """The lock that makes this the only supervisor on the data folder, held until the process ends; None when taken."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(run_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def main() -> int:
    """Entry point of `python -m portal.config.processes.supervisor`."""
    parser = argparse.ArgumentParser(prog="supervisor")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    data_dir = Path(os.environ.get("LINGHANG_DATA") or PROJECT_DIR / "var").expanduser().resolve()
    lock = only_one(data_dir / "run")
    if lock is None:
        say(f"! 数据目录正在被另一个领航使用 (another Linghang already runs on {data_dir})")
        return 1
    supervisor = Supervisor(children_for(options.host, options.port), data_dir / "run")
    shown = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104 - compared, not bound
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{options.port}/"
    threading.Thread(target=announce_when_up, args=(supervisor, address), daemon=True).start()
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
