"""What the data folder holds is read by its owner alone: database, keys, index, private files, mails. Others may read only the static
files and the media that a web server on the same machine sends."""

from __future__ import annotations

import os
import stat
from pathlib import Path

FOLDERS = ("keys", "run", "mail", "channels", "backups", "private")
"""Made for the owner alone before anything is written there."""
FOUND = ("search", "search-ranking", "exchange", "work", "logins.txt", "plugin-verdicts.json")
"""Closed when they are there."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(data_dir: Path, database: Path | None, *, sent_by_proxy: bool) -> None:
    """Make the folders with 0700 and the SQLite file with 0600 (its journals take the file's mode), and close those of an older
    installation. `sent_by_proxy`: nginx reads the private files, so that folder keeps the mode it was given.

    Raises OSError when the data folder cannot be written. Cheap enough for every start of a process.
    """
    for name in FOLDERS:
        if name == "private" and sent_by_proxy:
            continue
        (data_dir / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        _close(data_dir / name)
    if database is not None:
        database.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
        for path in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
            _close(path)
    for name in FOUND:
        _close(data_dir / name)


def _close(path: Path) -> None:
    """Take the group's and the others' rights away, where that is ours to do."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)
    except (FileNotFoundError, PermissionError):  # gone meanwhile, or of another user who runs a process here
        return
