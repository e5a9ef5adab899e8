"""Locks of a folder, shared by all processes and threads; freed by the system when a process dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from search.contracts import SearchUnavailable


@contextlib.contextmanager
def locked(root: Path, name: str, *, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock of this name. Raises SearchUnavailable when it stays taken for too long."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SearchUnavailable(f"the search folder cannot be written: {error}") from error
    try:
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise SearchUnavailable(f"{name} is held by another process") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)
