"""A whole installation in a folder of its own, driven by its commands: plugins are added and removed as an operator does it."""

from __future__ import annotations

import contextlib
import ensurepip
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import textwrap
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from tests import database

PROJECT_DIR = Path(__file__).resolve().parents[3]
SECONDS = 300


def pip() -> list[str]:
    """The pip that Python itself brings, run from its wheel: no environment is made for it."""
    places = (Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels"))
    wheel = next(wheel for place in places for wheel in sorted(place.glob("pip-*.whl")))
    return [sys.executable, f"{wheel}/pip"]


class Installation:
    """Data folder, database and environment; every command is a process of its own."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.data = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PLUGINS"))}
        for name in ("REDIS_URL", "CELERY_BROKER_URL", "ELASTICSEARCH_URL", "DATABASE_URL"):
            kept.pop(name, None)
        self.environment = {
            **kept,
            "LINGHANG_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "portal.config.settings.test",
            "PYTHONPATH": str(PROJECT_DIR),
            "PLUGINS_TRIAL": "1",
        }
        if database_url:
            self.environment["DATABASE_URL"] = database_url

    def manage(self, *command: str, fails: bool = False, **extra: str) -> str:
        """Run a command; what it said on both streams. `fails` says whether it must end with an error."""
        return self._run([sys.executable, "manage.py", *command], fails=fails, **extra)

    def python(self, code: str, **extra: str) -> str:
        """Run code in a process with the installation's Django set up; what it printed, without the log."""
        lines = f"import django; django.setup()\n{textwrap.dedent(code)}"
        return self._run([sys.executable, "-c", lines], fails=False, both=False, **extra)

    def answer(self, code: str) -> str:
        """As `python`, for code that prints one line "= ..."; the rest of that line."""
        (line,) = [line for line in self.python(code).splitlines() if line.startswith("= ")]
        return line.removeprefix("= ").strip()

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table, as sorted texts. On SQLite read past the portal, so that nothing of it is started for a look."""
        if "DATABASE_URL" not in self.environment:
            return self._rows_of_the_file()
        code = """
            import json
            from django.db import connection
            quote, rows = connection.ops.quote_name, {}
            def plain(value):
                return bytes(value).hex() if isinstance(value, memoryview) else str(value)
            with connection.cursor() as cursor:
                for table in sorted(connection.introspection.table_names(cursor)):
                    cursor.execute(f"SELECT * FROM {quote(table)}")
                    rows[table] = sorted(json.dumps(row, default=plain, ensure_ascii=False) for row in cursor.fetchall())
            print("=", json.dumps(rows))
            """
        answer: dict[str, list[str]] = json.loads(self.answer(code))
        return answer

    def _rows_of_the_file(self) -> dict[str, list[str]]:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence' ORDER BY 1"
        with contextlib.closing(sqlite3.connect(self.data / "linghang.sqlite3")) as connection:
            return {
                table: sorted(
                    json.dumps(row, default=_plain, ensure_ascii=False)
                    for row in connection.execute(f'SELECT * FROM "{table}"')
                )
                for (table,) in connection.execute(names).fetchall()
            }

    def _run(self, words: list[str], *, fails: bool, both: bool = True, **extra: str) -> str:
        done = subprocess.run(
            words,
            cwd=PROJECT_DIR,
            env={**self.environment, **extra},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        said = done.stdout + done.stderr
        assert bool(done.returncode) == fails, said[-4000:]
        return said if both else done.stdout


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """A migrated one: on the PostgreSQL that the environment names (in a database of its own), else on SQLite."""
    address = os.environ.get("DATABASE_URL", "")
    folder.mkdir(parents=True, exist_ok=True)
    if not address:
        made = Installation(folder)
        with database.turn():
            kept = database.copy_kept(database.kept_database(), folder / "linghang.sqlite3")
        if not kept:
            made.manage("migrate", "--verbosity", "0")
        yield made
        return
    import psycopg
    from psycopg import sql

    def at(name: str) -> Installation:
        return Installation(folder, urllib.parse.urlsplit(address)._replace(path=f"/{name}").geturl())

    name, kept = f"life_{secrets.token_hex(4)}", f"life_{database.kept_database().stem}"
    draft, new, whole = map(sql.Identifier, ("life_draft", name, kept))
    with database.turn(), psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept])
        if not found.fetchone():  # migrated once, and copied from then on
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(draft))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(draft))
            at("life_draft").manage("migrate", "--verbosity", "0")
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(draft, whole))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, whole))
    try:
        yield at(name)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))


def _plain(value: bytes) -> str:
    return value.hex()
