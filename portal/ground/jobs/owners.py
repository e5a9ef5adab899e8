"""Who holds a claim: a name of this process that others on the same machine can check for life.

Form: `host/boot/namespace/pid/start`, so that neither a reused process number nor another container's is mistaken for it.
"""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path

_PROC = Path("/proc")


@functools.cache
def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()[:8]
        namespace = str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        boot, namespace = "-", "-"
    return f"{socket.gethostname()[:40].replace('/', '_')}/{boot}/{namespace}/"


def _started(pid: int) -> str:
    """The start of a process in clock ticks since boot; empty when it is gone, a zombie, or cannot be read."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()  # the name before it may hold blanks
    return "" if fields[0] in {"Z", "X"} else fields[19]


def this_process() -> str:
    """The owner name of the calling process."""
    pid = os.getpid()
    return f"{_machine()}{pid}/{_started(pid)}"


def machine_of(owner: str) -> str:
    """The part of an owner name that all processes of its machine share."""
    return owner if owner.count("/") != 4 else owner.rsplit("/", 2)[0] + "/"


def is_dead(owner: str, *, sole_machine: bool) -> bool:
    """Whether the owner surely no longer runs. A process of another machine cannot be seen, so it counts as alive, unless
    this is the `sole_machine`: then it is from before a reboot. Names of another form (`inline`) are left to their lease."""
    if owner.count("/") != 4:
        return False
    if not owner.startswith(_machine()):
        return sole_machine
    pid, started = owner.rsplit("/", 2)[1:]
    if not started:
        return False  # no /proc here: only the lease tells
    return _started(int(pid)) != started
