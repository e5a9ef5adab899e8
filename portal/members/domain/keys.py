"""Turning keys: everything encrypted is encrypted anew with the first of `FIELD_KEYS`, and hashes are made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from portal.members.domain.fields import BY_NAME
from portal.members.models import MemberFile
from portal.shared.fields import EncryptedTextField, UndecipherableValue, cipher, newest_cipher

BATCH = 500


def encrypted_columns() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted column of every app."""
    return [
        (model, field)
        for model in apps.get_models()
        if not model._meta.proxy and model._meta.managed
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def turn_column(
    model: type[models.Model], field: EncryptedTextField, report: Callable[[int, int], None] | None = None
) -> tuple[int, int]:
    """Encrypt a column anew where another key than the newest was used: (values looked at, values turned).

    In small transactions, each row only if nobody changed it meanwhile: the site goes on working, and a run that was broken
    off is simply begun again, since what is turned is recognised. Raises UndecipherableValue for a value of a lost key.
    """
    newest = newest_cipher()
    seen = turned = 0
    for rows in _batches(model, field):
        updates = []
        for pk, value in rows:
            seen += 1
            if not value or _is_newest(newest, value):
                continue
            try:
                updates.append((cipher().rotate(value.encode()).decode(), pk, value))
            except InvalidToken:
                raise UndecipherableValue(f"{model._meta.label}.{field.name} {pk}") from None
        turned += _write(model, field, updates)
        if report:
            report(seen, turned)
    return seen, turned


def _is_newest(newest: Fernet, value: str) -> bool:
    try:
        newest.decrypt(value.encode())
    except InvalidToken:
        return False
    return True


def _batches(model: type[models.Model], field: EncryptedTextField) -> Iterator[list[tuple[Any, str]]]:
    """Rows as they lie in the database, in order of their key."""
    quote = connection.ops.quote_name
    key, column, table = (quote(n) for n in (str(model._meta.pk.column), str(field.column), model._meta.db_table))
    last: Any = None
    while True:
        condition, values = ("", []) if last is None else (f"WHERE {key} > %s", [last])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} {condition} ORDER BY {key} LIMIT {BATCH}",  # noqa: S608
                values,
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


def _write(model: type[models.Model], field: EncryptedTextField, updates: list[tuple[str, Any, str]]) -> int:
    quote = connection.ops.quote_name
    key, column, table = (quote(n) for n in (str(model._meta.pk.column), str(field.column), model._meta.db_table))
    with transaction.atomic(), connection.cursor() as cursor:
        changed = 0
        for new, pk, old in updates:
            cursor.execute(
                f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",  # noqa: S608
                [new, pk, old],
            )
            changed += cursor.rowcount
    return changed


def renew_lookups(report: Callable[[int], None] | None = None) -> int:
    """Make the hashes by which members are found anew, after `LOOKUP_KEY` was changed; how many files changed.

    Handles to sign in by are hashes of what is not kept: those of members come back with the next change of the file.
    """
    changed = 0
    last = 0
    while True:
        files = list(MemberFile.objects.filter(pk__gt=last).order_by("pk")[:BATCH])
        if not files:
            return changed
        last = files[-1].pk
        stale = []
        for file in files:
            now = (BY_NAME["id_number"].hashed(file.id_number), BY_NAME["phone"].hashed(file.phone))
            if (file.id_lookup, file.phone_lookup) != now:
                file.id_lookup, file.phone_lookup = now
                stale.append(file)
        MemberFile.objects.bulk_update(stale, ["id_lookup", "phone_lookup"])
        changed += len(stale)
        if report:
            report(changed)
