"""Pieces of queries that both databases understand, each in its way."""

from __future__ import annotations

from typing import Any

from django.db.models import Func


class WithoutIndex(Func):
    """A column that SQLite compares row by row. It knows only average numbers of rows, and would gather the greater part of a
    table through an index, to sort it and keep twenty, where walking it in its order finds the twenty at once. A sign before a
    column is its documented way to say so; PostgreSQL counts better and sees the bare column."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """With the sign."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)
