"""What this installation holds about a person: every app that keeps something declares how it is shown and how it is erased.

The page of one's own data and the download ask all of them; nobody below knows who they are. A supplier is called with a
`Person` and reads only what belongs to that person.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Person:
    """Whose data is meant: the member file, the login, or both. At least one is set; `user_id` is the login's key."""

    member_uid: uuid.UUID | None = None
    user_uid: uuid.UUID | None = None
    user_id: int | None = None

    @property
    def uids(self) -> tuple[str, ...]:
        """The uids that name this person in events and records."""
        return tuple(str(uid) for uid in (self.member_uid, self.user_uid) if uid is not None)


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows about a person. `columns` maps the key of each value to what people read; values are JSON (text, numbers, None,
    lists of them)."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Erased:
    """What erasing did: how many rows went, and in a sentence what has to stay and why (empty: nothing stays)."""

    rows: int
    kept: str = ""


@dataclasses.dataclass(frozen=True)
class Milestone:
    """A day in a person's course (成长轨迹). `url` is a path of this site or empty."""

    day: dt.date
    title: str
    url: str = ""


Export = Callable[[Person], Iterable[Table]]
Erase = Callable[[Person], Erased]
Milestones = Callable[[Person], Iterable[Milestone]]


@dataclasses.dataclass(frozen=True)
class Holder:
    """An app that holds something about people. `label` says in Chinese what it holds. `failed(what, error)` is called, once the
    transaction has ended, when its `export` or `erase` raised."""

    name: str
    label: str
    export: Export
    erase: Erase
    failed: Callable[[str, Exception], None] | None = None


_holders: dict[str, Holder] = {}
_others: Callable[[], Iterable[Holder]] | None = None
_milestones: dict[str, Milestones] = {}


class AlreadyRegistered(ValueError):
    """Two apps call themselves by one name."""


def register(name: str, label: str, export: Export, erase: Erase) -> None:
    """Declare what an app holds about a person. Called once in its `AppConfig.ready`. Raises AlreadyRegistered for a name
    that another pair of functions has; the same again changes nothing.

    `export` gives all of it as tables; `erase` removes what may be removed, in the caller's transaction, and is safe to repeat.
    """
    holder = Holder(name, label, export, erase)
    if _holders.setdefault(name, holder) != holder:
        raise AlreadyRegistered(name)


def set_other_holders(supplier: Callable[[], Iterable[Holder]]) -> None:
    """Set who knows the holders that are not apps of the core: the plugins. Asked each time."""
    global _others
    _others = supplier


def holders() -> tuple[Holder, ...]:
    """All that hold something, by name: the apps, and what the plugins declare."""
    found = {holder.name: holder for holder in _others()} if _others is not None else {}
    found.update(_holders)
    return tuple(found[name] for name in sorted(found))


class NotATable(TypeError):
    """What an export gave is no table of plain values; the message says where."""


def checked_table(holder: str, table: Any) -> Table:
    """A table as it was given, its rows read to their end. Raises NotATable."""
    if not isinstance(table, Table):
        raise NotATable(f"{holder}: {type(table).__name__} instead of a Table")
    try:
        rows = [dict(row) for row in table.rows]
        columns = dict(table.columns)
        json.dumps([table.name, table.title, columns, rows], allow_nan=False)
    except (TypeError, ValueError) as error:
        raise NotATable(f"{holder}.{table.name}: {error}") from error
    return dataclasses.replace(table, columns=columns, rows=rows)


def register_milestones(name: str, supplier: Milestones) -> None:
    """Declare days that belong into a person's time line (a course completed). Raises AlreadyRegistered."""
    if _milestones.setdefault(name, supplier) != supplier:
        raise AlreadyRegistered(name)


def milestones_of(person: Person) -> list[Milestone]:
    """All declared days of a person, oldest first."""
    found = [milestone for supplier in _milestones.values() for milestone in supplier(person)]
    return sorted(found, key=lambda milestone: (milestone.day, milestone.title))
