"""Waking the worker of this machine: one byte to a Unix datagram socket, sent without waiting. Losing it costs a second."""

import contextlib
import hashlib
import os
import socket
import tempfile
from pathlib import Path

LONGEST_PATH_BYTES = 100  # sun_path holds 108 on Linux, 104 elsewhere


def address(wanted: Path) -> str:
    """The path of the socket: `wanted`, or one in the temporary folder when that is too long for a socket's name."""
    path = os.fsencode(wanted)
    if len(path) <= LONGEST_PATH_BYTES:
        return str(wanted)
    digest = hashlib.sha256(path).hexdigest()[:16]
    return str(Path(tempfile.gettempdir()) / f"linghang-{os.getuid()}" / f"{digest}.sock")


class Bell:
    """The sending side, for any thread of the web process and of the worker's children."""

    def __init__(self, wanted: Path) -> None:
        self._address = address(wanted)

    def ring(self) -> None:
        """Wake the worker; never waits, never raises. Without a worker nothing happens: it looks when it starts."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(b"!", self._address)


class Ear:
    """The receiving side, held by the one relay of the machine."""

    def __init__(self, wanted: Path) -> None:
        """Raises OSError when the socket cannot be made; the relay then only looks at its interval."""
        self.address = address(wanted)
        folder = Path(self.address).parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to another user")
        Path(self.address).unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        os.chmod(self.address, 0o600)

    def wait(self, seconds: float) -> bool:
        """Wait for a ring, at most so many seconds, and take all that came; whether there was one."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1)
            self._socket.setblocking(False)
            while True:
                self._socket.recv(1)
        except TimeoutError:
            return False
        except BlockingIOError:
            return True

    def close(self) -> None:
        """Take the socket away."""
        self._socket.close()
        Path(self.address).unlink(missing_ok=True)
