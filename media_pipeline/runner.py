"""Running ffmpeg: inside limits, in its own process group, watched for stalls, and never left behind."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from media_pipeline import limits

_GUARD = str(Path(__file__).with_name("guard.py"))
_TAIL_LINES = 60
_HEAD_LINES = 400
_LINE_CHARACTERS = 2000


@dataclasses.dataclass(frozen=True)
class Bounds:
    """Limits of one run. `stall_seconds`: the longest silence on standard output; 0 for programs that say nothing."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int = limits.PROBE_MEMORY
    file_bytes: int = 64 * 1024**2
    stall_seconds: float = 0
    nice: int = 5


@dataclasses.dataclass(frozen=True)
class Finished:
    """What became of a run: exit code (negative: the signal), the first and last lines of standard error, CPU used."""

    returncode: int
    errors: str
    wall_seconds: float
    cpu_seconds: float


class RunStopped(Exception):
    """The program was killed by us: too long in all, or silent for too long."""


LineHandler = Callable[[str], None]
Tick = Callable[[], None]


def run(
    argv: list[str],
    bounds: Bounds,
    *,
    folder: Path | None = None,
    on_line: LineHandler | None = None,
    tick: Tick | None = None,
) -> Finished:
    """Run a program to its end, in `folder`.

    `on_line` gets each line of standard output, `tick` is called about every second; what either raises ends the program
    and goes through. Raises RunStopped when a time limit is passed. Nothing of the process group is left in any case.
    """
    guarded = [
        sys.executable,
        "-I",
        "-S",
        _GUARD,
        *(
            str(number)
            for number in (os.getpid(), bounds.nice, bounds.memory_bytes, bounds.cpu_seconds, bounds.file_bytes)
        ),
        *argv,
    ]
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - argument lists are made by `commands`, no shell
        guarded,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        close_fds=True,
        cwd=folder or Path("/"),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"},
    )
    with _group_ended(process):
        errors = _ErrorKeeper(process.stderr)
        _pump(process, bounds, started, on_line, tick)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Finished(process.returncode, errors.text(), time.monotonic() - started, usage.ru_utime + usage.ru_stime)


def _pump(
    process: subprocess.Popen[bytes], bounds: Bounds, started: float, on_line: LineHandler | None, tick: Tick | None
) -> None:
    lines: queue.Queue[str | None] = queue.Queue(maxsize=10_000)
    ended = threading.Event()
    threading.Thread(target=_read_lines, args=(process.stdout, lines, ended), daemon=True).start()
    try:
        _watch(lines, bounds, started, on_line, tick)
    finally:
        ended.set()


def _watch(
    lines: queue.Queue[str | None], bounds: Bounds, started: float, on_line: LineHandler | None, tick: Tick | None
) -> None:
    last_heard = last_tick = started
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            pass
        else:
            if line is None:
                return
            last_heard = time.monotonic()
            if on_line:
                on_line(line)
        moment = time.monotonic()
        if moment - started > bounds.wall_seconds:
            raise RunStopped(f"stopped after {bounds.wall_seconds:.0f} s")
        if bounds.stall_seconds and moment - last_heard > bounds.stall_seconds:
            raise RunStopped(f"no progress for {bounds.stall_seconds:.0f} s")
        if tick and moment - last_tick >= 1:
            last_tick = moment
            tick()


def _read_lines(stream: IO[bytes] | None, lines: queue.Queue[str | None], ended: threading.Event) -> None:
    """Pass lines on until the end of the stream; once nobody listens any more, read on and drop them."""

    def pass_on(line: str | None) -> None:
        while not ended.is_set():
            with contextlib.suppress(queue.Full):
                lines.put(line, timeout=0.5)
                return

    if stream is not None:
        with stream:
            for raw in stream:
                pass_on(raw[:_LINE_CHARACTERS].decode("utf-8", "replace").rstrip("\n"))
    pass_on(None)


class _ErrorKeeper:
    """Reads standard error to its end and keeps the first and the last lines only."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._head: list[str] = []
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes] | None) -> None:
        if stream is None:
            return
        with stream:
            for raw in stream:
                line = raw[:_LINE_CHARACTERS].decode("utf-8", "replace").rstrip("\n")
                if len(self._head) < _HEAD_LINES:
                    self._head.append(line)
                else:
                    self._tail.append(line)

    def text(self) -> str:
        self._thread.join(timeout=5)
        return "\n".join([*self._head, *self._tail])


@contextlib.contextmanager
def _group_ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever happens inside, afterwards the group is gone and the child reaped; so the pipes end and their readers too."""
    try:
        yield
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
