"""Database triggers that refuse changing or deleting sealed rows.

Installed after each migrate (SQLite drops them silently when a migration rebuilds the table); a system check asks for
them. On PostgreSQL TRUNCATE is refused as well, save in the test database, which has to be emptied.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

SEALED_TABLES: list[str] = ["records_auditline"]

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION linghang_refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'sealed rows cannot be changed'; END; $$ LANGUAGE plpgsql
"""


def install_triggers(using: str = "default", **kwargs: Any) -> None:
    """Create the triggers of every sealed table that exists; safe to repeat."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in SEALED_TABLES:
            if table not in present:
                continue
            for action in ("UPDATE", "DELETE"):
                name = f"{table}_no_{action.lower()}"
                if connection.vendor == "postgresql":
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
                    cursor.execute(
                        f'CREATE TRIGGER "{name}" BEFORE {action} ON "{table}" '
                        "FOR EACH ROW EXECUTE FUNCTION linghang_refuse_change()"
                    )
                else:
                    cursor.execute(
                        f'CREATE TRIGGER IF NOT EXISTS "{name}" BEFORE {action} ON "{table}" '
                        "BEGIN SELECT RAISE(ABORT, 'sealed rows cannot be changed'); END"
                    )
