"""One change of the register at a time. Tree paths are worked out from the rows beside them: two at once would collide."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from portal.organisations.models import Organisation

_REGISTER_LOCK = 0x6C68_7265_6769  # an arbitrary number, the same in every process


def lock_register() -> None:
    """Wait for the end of every other change of the tree, inside the open transaction.

    PostgreSQL takes an advisory lock until the transaction ends; on SQLite each transaction that writes is alone already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTER_LOCK])


def locked(ids: Iterable[int]) -> dict[int, Organisation]:
    """The organisations with these ids as they are now, their rows kept until the transaction ends, so that nobody enters
    members there meanwhile. Always in the same order, so that two callers never wait for each other."""
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    return {row.pk: row for row in rows}
