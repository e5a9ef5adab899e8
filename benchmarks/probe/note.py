"""The job that notes when it began."""

import os
import time

from portal.ground.jobs import JobContext


def note(context: JobContext, number: int, path: str) -> None:
    """Append the number and the present time to the file: one write, so that two processes can do it at once."""
    began = time.time_ns()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{number} {began}\n".encode())
    os.close(descriptor)
