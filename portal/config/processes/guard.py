"""No process outlives its supervisor: each child holds the read end of a pipe that only the supervisor can write.

When the supervisor goes, however it goes, the pipe ends and the child kills its whole process group, and with it the
programs that it started and that stayed in the group.
"""

import os
import signal
import threading

PIPE_VARIABLE = "LINGHANG_SUPERVISOR_PIPE"


def watch() -> None:
    """Start watching the supervisor's pipe in a thread of this process; nothing when there is no supervisor."""
    number = os.environ.get(PIPE_VARIABLE)
    if number:
        threading.Thread(target=_wait_for_the_end, args=(int(number),), name="guard", daemon=True).start()


def _wait_for_the_end(descriptor: int) -> None:
    try:
        while os.read(descriptor, 64):
            pass
    except OSError:
        return  # not our pipe: started by hand with the variable left over
    os.killpg(0, signal.SIGKILL)
