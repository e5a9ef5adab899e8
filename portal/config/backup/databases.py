"""A consistent copy of the database while people write, and putting it back. SQLite: its own online copy. PostgreSQL: the rows
of every table by COPY from one snapshot, put back into tables that our own migrations made, so that an archive brings data
and never code, and no program of the server's version is needed."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from portal.config.backup.archive import ArchiveWriter, BadArchive
from portal.records.triggers import drop_triggers, install_triggers

SQLITE_FILE: Final = "database/linghang.sqlite3"
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
# What modelsearch's own migrations make; nothing else may react to writing.
_OF_MODELSEARCH = frozenset(
    {
        "CREATE VIRTUAL TABLE modelsearch_indexentry_fts USING fts5(autocomplete, body, title)",
        "CREATE TRIGGER insert_modelsearch_indexentry_fts AFTER INSERT ON modelsearch_indexentry BEGIN INSERT INTO "
        "modelsearch_indexentry_fts(title, body, autocomplete, rowid) VALUES (NEW.title, NEW.body, NEW.autocomplete, NEW.id); END",
        "CREATE TRIGGER update_modelsearch_indexentry_fts AFTER UPDATE ON modelsearch_indexentry BEGIN UPDATE "
        "modelsearch_indexentry_fts SET title=NEW.title, body=NEW.body, autocomplete=NEW.autocomplete WHERE rowid=NEW.id; END",
        "CREATE TRIGGER delete_modelsearch_indexentry_fts AFTER DELETE ON modelsearch_indexentry BEGIN DELETE FROM "
        "modelsearch_indexentry_fts WHERE rowid=OLD.id; END",
    }
)
_SPOOL = 64 * 1024 * 1024


def applied_migrations() -> list[list[str]]:
    """What was migrated, as the manifest holds it."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def newer_migrations(applied: list[Any]) -> list[str]:
    """Applied migrations that this version does not have, of apps it has."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    return sorted(f"{app}.{name}" for app, name in applied if app in loader.migrated_apps and (app, name) not in known)


def is_empty() -> bool:
    """Whether the database has no table."""
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return True
    return not connection.introspection.table_names()


def add_database(archive: ArchiveWriter) -> dict[str, Any]:
    """Add a copy of the database as of one moment; what the manifest has to say of it."""
    if connection.vendor == "sqlite":
        return _add_sqlite(archive)
    return _add_postgres(archive)


def _add_sqlite(archive: ArchiveWriter) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=archive.path.parent) as folder:
        copy = Path(folder) / "copy.sqlite3"
        with (
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=30)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # in one step: a state between two commits; writers go on in the WAL meanwhile
            target.execute("PRAGMA journal_mode = DELETE")
        migrations = _sqlite_migrations(copy)
        archive.add_file(SQLITE_FILE, copy)
    return {"kind": "sqlite", "migrations": migrations}


def _sqlite_migrations(path: Path) -> list[list[str]]:
    with closing(sqlite3.connect(path)) as database:
        return sorted([app, name] for app, name in database.execute("SELECT app, name FROM django_migrations"))


def _add_postgres(archive: ArchiveWriter) -> dict[str, Any]:
    tables: dict[str, list[str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        migrations = applied_migrations()
        for table in sorted(connection.introspection.table_names(cursor)):
            if not _TABLE.fullmatch(table):
                continue
            description = connection.introspection.get_table_description(cursor, table)
            tables[table] = [column.name for column in description]
            columns = ", ".join(connection.ops.quote_name(name) for name in tables[table])
            with tempfile.SpooledTemporaryFile(max_size=_SPOOL, dir=archive.path.parent) as spool:
                with cursor.copy(f'COPY "{table}" ({columns}) TO STDOUT') as copy:  # type: ignore[attr-defined]
                    for data in copy:
                        spool.write(data)
                size = spool.tell()
                spool.seek(0)
                archive.add(f"database/{table}.copy", spool, size)  # type: ignore[arg-type]
    return {"kind": "postgresql", "migrations": migrations, "tables": tables}


def check_sqlite(path: Path) -> None:
    """Raises BadArchive for a file that is damaged or brings code of its own: views, virtual tables, triggers not ours."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            for kind, name, table, sql in database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
                plain = kind == "index" or (kind == "table" and "VIRTUAL" not in str(sql).upper()[:40])
                if not plain and sql not in _OF_MODELSEARCH and not _is_our_trigger(kind, table, sql):
                    raise BadArchive(f"数据库里有不该有的对象：{kind} {str(name)[:60]} (does not belong there)")
            found = database.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadArchive(f"数据库文件已损坏 (the database is damaged): {error}") from None
    if found != "ok":
        raise BadArchive(f"数据库文件已损坏 (the database is damaged): {found}")


def _is_our_trigger(kind: str, table: str, sql: str) -> bool:
    """A trigger that does nothing but refuse, whatever table it stands at: a plugin's table need not be known here."""
    refuses = re.fullmatch(
        r'CREATE TRIGGER "\w+" BEFORE (?:UPDATE|DELETE) ON "(\w+)"(?: FOR EACH ROW)?(?: WHEN \([\w .<>=]+\))? '
        r"BEGIN SELECT RAISE\(ABORT, '[\w ]+'\); END",
        sql or "",
    )
    return kind == "trigger" and refuses is not None and refuses[1] == table


def put_back_postgres(folder: Path, about: dict[str, Any], say: Callable[[str], None]) -> None:
    """Make the tables by our own migrations up to where the backup was, and fill them. All or nothing but the empty tables.

    Raises BadArchive for a table or column that these migrations do not make. Tables of apps that are not here are left out.
    """
    tables, applied = about.get("tables"), {(app, name) for app, name in about["migrations"]}
    if not isinstance(tables, dict) or not all(_is_table(name, columns) for name, columns in tables.items()):
        raise BadArchive("清单里的表不合规 (odd tables in the manifest)")
    _migrate_to(applied)
    with transaction.atomic(), connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        drop_triggers(cursor)
        quoted = ", ".join(f'"{table}"' for table in sorted(present))
        cursor.execute(f"TRUNCATE {quoted}")
        for table, columns in tables.items():
            if table not in present:
                say(f"表 {table} 属于未安装的插件，已略过 (belongs to a plugin that is not here)")
                continue
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            if not set(columns) <= there:
                raise BadArchive(f"表 {table} 的列不符 (columns differ)")
            names = ", ".join(f'"{name}"' for name in columns)
            with (
                (folder / f"{table}.copy").open("rb") as source,
                cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,  # type: ignore[attr-defined]
            ):
                while data := source.read(1024 * 1024):
                    copy.write(data)
        _raise_sequences(cursor)
    install_triggers()


def _is_table(name: Any, columns: Any) -> bool:
    names = [name, *columns] if isinstance(columns, list) else [None]
    return all(isinstance(word, str) and _TABLE.fullmatch(word) for word in names)


def _migrate_to(applied: set[tuple[str, str]]) -> None:
    """Apply exactly the migrations that the backup had, as far as this version knows them."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    known = [key for key in graph.nodes if key in applied]
    inner = {parent.key for key in known for parent in graph.node_map[key].parents if parent.key[0] == key[0]}
    executor.migrate([key for key in known if key not in inner])


def _raise_sequences(cursor: Any) -> None:
    for table in connection.introspection.table_names(cursor):
        for sequence in connection.introspection.get_sequences(cursor, table):
            column = connection.ops.quote_name(sequence["column"])
            cursor.execute(f'SELECT MAX({column}) FROM "{table}"')  # noqa: S608 - names from the database itself
            highest = cursor.fetchone()[0]
            if highest is not None:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', sequence["column"], highest]
                )
