"""Database triggers that refuse changing or deleting sealed rows.

Installed after each migrate (SQLite drops them silently when a migration rebuilds the table); a system check asks for
them. On PostgreSQL TRUNCATE is refused as well, save in a test database, which has to be emptied.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

# Rows that are written once.
SEALED_TABLES: list[str] = ["records_auditline", "records_seal", "records_dayhead", "records_dayheadline"]
# Rows that stay, while their values may be erased or encrypted anew; a change shows in the chain.
LASTING_TABLES: list[str] = ["records_sealedcontent", "records_chainhead"]
# Rows of `SealedRecord`: free while a draft (`seal_version` 0), then changed only together with a higher version.
VERSIONED_TABLES: list[str] = []

_MESSAGE = "sealed rows cannot be changed"
_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION linghang_refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '{_MESSAGE}'; END; $$ LANGUAGE plpgsql
"""
_VERSION_CONDITIONS = {
    "UPDATE": "OLD.seal_version > 0 AND NEW.seal_version <= OLD.seal_version",
    "DELETE": "OLD.seal_version > 0",
}


def wanted_triggers() -> dict[str, tuple[str, str, str]]:
    """All triggers that belong here: name → (table, UPDATE or DELETE, condition or nothing)."""
    wanted = {}
    for table in SEALED_TABLES:
        for action in ("UPDATE", "DELETE"):
            wanted[f"{table}_no_{action.lower()}"] = (table, action, "")
    for table in LASTING_TABLES:
        wanted[f"{table}_no_delete"] = (table, "DELETE", "")
    for table in VERSIONED_TABLES:
        for action, condition in _VERSION_CONDITIONS.items():
            wanted[f"{table}_no_{action.lower()}"] = (table, action, condition)
    return wanted


def install_triggers(using: str = "default", **kwargs: Any) -> None:
    """Create the triggers of every sealed table that exists; safe to repeat."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for name, (table, action, condition) in wanted_triggers().items():
            if table in present:
                _create(cursor, connection.vendor, name, table, action, condition)
        if connection.vendor == "postgresql" and not _is_test_database(connection):
            for table in sorted({table for table, _action, _condition in wanted_triggers().values()} & present):
                name = f"{table}_no_truncate"
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
                cursor.execute(
                    f'CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION linghang_refuse_change()'
                )


def drop_triggers(cursor: Any, using: str = "default") -> None:
    """Take all our triggers away, for a database that is being filled from a backup. `install_triggers` brings them back."""
    connection = connections[using]
    present = set(connection.introspection.table_names(cursor))
    for name, (table, _action, _condition) in wanted_triggers().items():
        if table in present:
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')
            if connection.vendor == "postgresql":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_truncate" ON "{table}"')


def missing_triggers(using: str = "default") -> list[str]:
    """Names of the triggers that the tables of this database should have and have not."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
    tables = set(connection.introspection.table_names())
    return sorted(name for name, (table, *_) in wanted_triggers().items() if table in tables and name not in there)


@contextmanager
def deleting_allowed(table: str, using: str = "default") -> Iterator[None]:
    """Take the trigger against deleting from `table` away until the block ends, in the open transaction: nobody else can
    write the table meanwhile, and a crash brings it back. For pruning alone, which writes a record of itself."""
    connection = connections[using]
    name = f"{table}_no_delete"
    with transaction.atomic(using=using), connection.cursor() as cursor:
        on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')
        yield
        _create(cursor, connection.vendor, name, table, "DELETE", "")


def _create(cursor: Any, vendor: str, name: str, table: str, action: str, condition: str) -> None:
    when = f" WHEN ({condition})" if condition else ""
    on = f' ON "{table}"' if vendor == "postgresql" else ""
    cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')
    do = (
        "EXECUTE FUNCTION linghang_refuse_change()"
        if vendor == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    )
    cursor.execute(f'CREATE TRIGGER "{name}" BEFORE {action} ON "{table}" FOR EACH ROW{when} {do}')


def _is_test_database(connection: Any) -> bool:
    return str(connection.settings_dict["NAME"]).startswith("test_")
