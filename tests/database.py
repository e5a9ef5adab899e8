"""A migrated SQLite database is kept and copied, so that a test process starts in a second instead of ten.

The copy is named by a hash over all migrations and the lock; `migrate` still runs on it and finds nothing to do. Of processes
that start side by side without one, the first makes it and the others wait for it.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[1]
SHELF = PROJECT_DIR / "var" / "test-databases"
FOLDERS = ("portal", "plugins", "search", "media_pipeline")


def kept_database() -> Path:
    """Where the database that belongs to the present migrations is, or will be, kept."""
    digest = hashlib.sha256((PROJECT_DIR / "requirements" / "run.txt").read_bytes())
    for folder in FOLDERS:
        for path in sorted((PROJECT_DIR / folder).glob("**/migrations/*.py")):
            digest.update(f"{path.relative_to(PROJECT_DIR)}\0".encode() + path.read_bytes())
    return SHELF / f"{digest.hexdigest()[:24]}.sqlite3"


@contextmanager
def turn() -> Iterator[None]:
    """Held from the look for a kept database until there is one; a process that dies gives it up."""
    SHELF.mkdir(parents=True, exist_ok=True)
    with (SHELF / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def copy_kept(kept: Path, wanted: Path) -> bool:
    """Copy the kept database to `wanted`; False when there is none."""
    if not kept.exists():
        return False
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for end in ("", "-wal", "-shm"):
        Path(f"{wanted}{end}").unlink(missing_ok=True)
    wanted.write_bytes(kept.read_bytes())
    return True


def keep(made: Path, kept: Path) -> None:
    """Keep a freshly migrated database, and drop those of other migrations."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("VACUUM INTO ?", [str(draft)])
    draft.rename(kept)
    for old in kept.parent.glob("*.sqlite3"):
        if old != kept:
            old.unlink(missing_ok=True)


def make_without_external_plugins(kept: Path) -> None:
    """Migrate a database for the portal alone in a process of its own and keep it: an external plugin under test then adds no more
    than its own tables, this time and the next."""
    with tempfile.TemporaryDirectory() as folder:
        place = {
            "LINGHANG_DATA": folder,
            "PLUGINS_EXTERNAL": "",
            "DJANGO_SETTINGS_MODULE": "portal.config.settings.test",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=PROJECT_DIR, env={**os.environ, **place}, check=True, timeout=600)
        keep(Path(folder) / "linghang.sqlite3", kept)
