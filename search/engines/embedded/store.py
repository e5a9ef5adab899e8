"""Folders, pointer and locks of the embedded index.

CURRENT                    the name of the folder in use, replaced as one act
<fingerprint>-<random>/    an index
write.lock, rebuild.lock   held while writing, and while a new index is built; freed by the system when a process dies
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import shutil
from pathlib import Path

from search.engines.embedded.schema import fingerprint
from search.engines.locks import locked

log = logging.getLogger(__name__)

WRITE_LOCK_SECONDS = 60.0
_FOLDER = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}")


class Store:
    """The folder that holds the indexes of one installation."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path | None:
        """The index in use; None when there is none that this version of the code can read."""
        try:
            name = (self.root / "CURRENT").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        folder = self.root / name
        if (
            not _FOLDER.fullmatch(name)
            or not name.startswith(fingerprint())
            or not all((folder / part / "meta.json").exists() for part in ("", "sections"))
        ):
            return None
        return folder

    def new_folder(self) -> Path:
        """An empty folder for an index of the present schema."""
        folder = self.root / f"{fingerprint()}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        return folder

    def make_current(self, folder: Path) -> None:
        """Point to another index, then drop the old ones. A reader that has one open goes on reading it."""
        pointer = self.root / f"CURRENT.{secrets.token_hex(4)}"
        with pointer.open("w", encoding="ascii") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        pointer.replace(self.root / "CURRENT")
        self._drop_all_but(folder)

    def _drop_all_but(self, kept: Path) -> None:
        for folder in self.root.iterdir():
            if folder.is_dir() and folder != kept and _FOLDER.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
        for leftover in self.root.glob("CURRENT.*"):
            leftover.unlink(missing_ok=True)

    def locked(self, name: str, *, timeout_seconds: float) -> contextlib.AbstractContextManager[None]:
        """Hold a lock shared by all processes and threads. Raises SearchUnavailable when it stays taken for too long."""
        return locked(self.root, name, timeout_seconds=timeout_seconds)

    def size_bytes(self) -> int:
        """What the index in use takes on disk."""
        folder = self.current()
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder else 0
