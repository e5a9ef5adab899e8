"""Starts a program inside limits: `python guard.py PARENT NICE MEMORY CPU_SECONDS FILE_BYTES PROGRAM ARGUMENT...`

Run as a file by a bare interpreter, imports nothing of the project. The kernel kills the program when its parent dies
(Linux), so no ffmpeg outlives a killed worker.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the limits, then become the program."""
    parent, nice, memory, cpu_seconds, file_bytes = (int(word) for word in sys.argv[1:6])
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the signal was set
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (wanted, wanted))
    os.nice(nice)
    os.execv(sys.argv[6], sys.argv[6:])  # noqa: S606 - no shell is what is wanted


if __name__ == "__main__":
    main()
