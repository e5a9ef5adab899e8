"""Queries that pages ask again and again, written as SQL once.

Django's query sets are built and compiled anew for each use; on a page of six of them that is most of its processor time.
A `Prepared` keeps the compiled statement and fills in what differs. Rows come out as from the query set itself: models
with their joined ones, dictionaries or tuples.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from portal.ground.suppliers import ANONYMOUS, Viewer, hidden_types

MAX_KEPT = 256  # statements of one query: it differs by a few choices, not by what is filled in
_MARK = "\ue000"  # for private use, in no text of ours
_FIRST_NUMBER = -(10**15)


class NotFilledIn(RuntimeError):
    """The query set does not hand a value on to the database as it is, so it cannot be filled in later."""


@dataclasses.dataclass(frozen=True)
class _Hole:
    """A parameter to fill in. `is_prefix` when it is followed by the % of LIKE; `ending` stands behind it always."""

    index: int
    name: str
    is_prefix: bool
    ending: str = ""


@dataclasses.dataclass(frozen=True)
class _Statement:
    """A compiled query set. `query_set` is a pattern and never evaluated itself."""

    query_set: QuerySet[Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    holes: tuple[_Hole, ...]


class _Plain(enum.Enum):
    """Instead of a statement: the query set is built for each reader."""

    PLAIN = enum.auto()


PLAIN = _Plain.PLAIN


class _Tokens:
    """Stands where a reader has tokens: can be handed on to the database, and nothing else."""

    __contains__ = None
    __eq__ = None  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, marks: Iterable[str]) -> None:
        self._marks = tuple(marks)

    def __iter__(self) -> Iterator[str]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


def _names_of_tokens(viewer: Viewer) -> dict[str, str]:
    return {f"token{number:04}": token for number, token in enumerate(sorted(viewer.tokens))}


class _Filled:
    """Stands where a query set has its query: hands out the compiler that has its SQL already."""

    def __init__(self, statement: _Statement, params: tuple[Any, ...]) -> None:
        self._statement = statement
        self._params = params

    def get_compiler(self, using: str, *args: Any, **kwargs: Any) -> Any:
        compiler = copy.copy(self._statement.compiler)
        compiler.connection = connections[using]
        answer = (self._statement.sql, self._params)
        compiler.as_sql = lambda *a, **k: answer
        return compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._statement.query_set.query, name)


class Prepared:
    """`build(viewer, *choices, **values)` makes the query set. It may ask anything of `viewer` and `choices`, and hands
    `values` (texts and numbers) to look-ups as they are: `exact` and `startswith`, or `in` with a list of it; to `gte` and
    `lte` texts with something behind them too, as the end of a range of tree paths.

    A statement serves all readers with the same number of tokens and the same clearance: the tokens are filled in as well. One
    that looks for a certain token while it is built (and does not leave that to the database) is built for each reader.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self._build = build
        self._kept: dict[Hashable, _Statement | _Plain | None] = {}

    def rows(self, viewer: Viewer, *choices: Hashable, **values: str | int) -> list[Any]:
        """All rows: one query. Raises NotFilledIn when `build` works on a value instead of handing it on."""
        names = {} if viewer == ANONYMOUS else _names_of_tokens(viewer)
        kinds = tuple(sorted((name, type(value)) for name, value in values.items()))
        key = (choices, hidden_types(), kinds, len(names), viewer.clearance)
        if key not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = self._compile(viewer, choices, values, names)
        statement = self._kept.get(key)
        if statement is None:
            return []
        if statement is PLAIN:
            return list(self._build(viewer, *choices, **values))
        return list(_filled(statement, {**values, **names}))

    def _compile(
        self, viewer: Viewer, choices: tuple[Hashable, ...], values: dict[str, str | int], names: dict[str, str]
    ) -> _Statement | _Plain | None:
        if not names:
            return _compiled(self._build, viewer, choices, values)
        tokens: Any = _Tokens(f"{_MARK}{name}{_MARK}" for name in names)
        try:
            return _compiled(self._build, Viewer(tokens, viewer.clearance), choices, values, tuple(names))
        except (TypeError, AttributeError):  # it asked more of the tokens than to hand them on
            return PLAIN

    def first(self, viewer: Viewer, *choices: Hashable, **values: str | int) -> Any:
        """The first row of a query set that `build` limits to one, or None."""
        return next(iter(self.rows(viewer, *choices, **values)), None)


def _compiled(
    build: Callable[..., QuerySet[Any]],
    viewer: Viewer,
    choices: tuple[Hashable, ...],
    values: dict[str, str | int],
    tokens: tuple[str, ...] = (),
) -> _Statement | None:
    """The statement; None when no row can ever match. `tokens` are the names of marks that may stand in it or not."""
    marks: dict[str, Any] = {
        name: f"{_MARK}{name}{_MARK}" if isinstance(value, str) else _FIRST_NUMBER - number
        for number, (name, value) in enumerate(values.items())
    }
    query_set = build(viewer, *choices, **marks)
    marks |= {name: f"{_MARK}{name}{_MARK}" for name in tokens}
    compiler = query_set.query.get_compiler(using=query_set.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    holes = []
    for index, param in enumerate(params):
        for name, mark in marks.items():
            if param == mark:
                holes.append(_Hole(index, name, is_prefix=False))
            elif isinstance(mark, str) and param == f"{mark}%":
                holes.append(_Hole(index, name, is_prefix=True))
            elif (
                isinstance(mark, str)
                and isinstance(param, str)
                and param.startswith(mark)
                and param[-1] not in "%" + _MARK
            ):
                holes.append(_Hole(index, name, is_prefix=False, ending=param.removeprefix(mark)))
    filled = {hole.index for hole in holes}
    left = any(isinstance(param, str) and _MARK in param for i, param in enumerate(params) if i not in filled)
    if left or {hole.name for hole in holes} | set(tokens) != set(marks):
        raise NotFilledIn(f"{sorted(marks)} in {sql}")
    return _Statement(query_set, compiler, sql, tuple(params), tuple(holes))


def _filled(statement: _Statement, values: dict[str, str | int]) -> QuerySet[Any]:
    pattern: Any = statement.query_set
    params = list(statement.params)
    for hole in statement.holes:
        value = values[hole.name]
        if hole.is_prefix:
            value = f"{connections[pattern.db].ops.prep_for_like_query(str(value))}%"
        params[hole.index] = f"{value}{hole.ending}" if hole.ending else value
    made: Any = type(pattern)(model=pattern.model, query=_Filled(statement, tuple(params)), using=pattern._db)
    made._iterable_class = pattern._iterable_class
    made._fields = pattern._fields
    made._prefetch_related_lookups = pattern._prefetch_related_lookups
    return made  # type: ignore[no-any-return]
