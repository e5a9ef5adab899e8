"""The job of the fault tests."""

import os
import time

from portal.ground.jobs import JobContext


def step(context: JobContext, number: int, path: str, seconds: float) -> None:
    """Note the beginning, take some time, note the end if the claim is still ours."""
    write(path, f"begin {number} {os.getpid()}")
    time.sleep(seconds)
    context.progress(99)
    write(path, f"end {number} {os.getpid()}")


def write(path: str, line: str) -> None:
    """One append, whole or not at all."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)
