"""What an installation can give to another one and take from it, as rows of declared kinds.

Each app that has something to exchange declares an `ExchangeKind`; `portal.exchange` asks all of them and knows the meaning of
none. A row is JSON (text, numbers, true and false, None, lists, mappings) with a `uid`; days and instants are ISO text. Rows name other
rows by kind and uid, and only rows of the same package.
"""

from __future__ import annotations

import abc
import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

Row = dict[str, Any]


class UnfitRow(ValueError):
    """This row cannot be taken in; the message says why to people (empty: what it belongs to was kept out). The others can."""


class ForeignRow(ValueError):
    """The package holds what its sender may not send; the message says what (empty: a row outside of the scope that the package
    names). All of it is refused."""


class CannotWrite(ValueError):
    """What is here does not allow what was to be written; the message tells people what to do. Nothing is written."""


@dataclasses.dataclass(frozen=True)
class Scope:
    """A subtree of this installation: `path` is the tree path of its top, empty while the top is not here. When a package is
    taken in, `allowed` is the tree path within which its sender may change things; empty: everywhere."""

    path: str
    allowed: str = ""


@dataclasses.dataclass(frozen=True)
class Matches:
    """Which row here each row of a package is, by uid, and a sentence for each that must be kept out."""

    found: Mapping[str, str]
    kept_out: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Incoming:
    """A row to be written. `row` carries the uids of this installation; `changed` names the fields that differ from what is
    here (all of them for a new row)."""

    uid: str
    row: Row
    is_new: bool
    changed: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Writing:
    """In whose name rows are written, why (a sentence for those concerned), for which taking-in, and where."""

    actor: Any
    reason: str
    batch: uuid.UUID
    scope: Scope


@dataclasses.dataclass(frozen=True)
class ChangeHere:
    """Somebody changed a row here: who, when, and what in a few words."""

    who: str
    at: dt.datetime
    what: str


class CannotGive(CannotWrite):
    """The rows of a kind cannot be read now, or not be taken in, because whoever declares it failed; the message tells people. A
    package is made without them. `tell` writes the fault down, once the transaction has ended."""

    def __init__(self, message: str, tell: Callable[[], None]) -> None:
        super().__init__(message)
        self.tell = tell


class Book:
    """The uids of a package and what they are called here. `top` is the uid of the scope's top as the sender calls it."""

    def __init__(self, top: str) -> None:
        self.top = top
        self._seen: set[tuple[str, str]] = set()
        self._here: dict[tuple[str, str], str] = {}

    def saw(self, kind: str, uid: str) -> None:
        """A row with this uid stands in the package."""
        self._seen.add((kind, uid))

    def has_seen(self, kind: str, uid: str) -> bool:
        """Whether a row with this uid stood in the package so far."""
        return (kind, uid) in self._seen

    def enter(self, kind: str, uid: str, here: str) -> None:
        """A row of the package is, or will be, called `here` in this installation."""
        self._here[kind, uid] = here

    def here(self, kind: str, uid: Any) -> str:
        """What a row of the package is called here. Raises ForeignRow when no such row came before, UnfitRow when it was kept
        out."""
        if (found := self._here.get((kind, str(uid)))) is not None:
            return found
        if (kind, str(uid)) in self._seen:
            raise UnfitRow
        raise ForeignRow


class ExchangeKind(abc.ABC):
    """A kind of rows. Subclass it, and register an instance in `AppConfig.ready`.

    `name` is lower case and stays for ever. Raise `version` with every change of the row's form and add to `upgrades` the
    function that makes a row of the version before into the next one. Kinds with a lower `order` come first, so that the others
    can name their rows; a plugin's come last. `sealed` are the fields that only the receiver may read (personal data); `fields` the labels of all.
    A kind `is_history` when its rows are never changed once they are there.
    """

    name: str
    version: int
    order: int
    label: Any
    fields: Mapping[str, Any]
    sealed: frozenset[str] = frozenset()
    upgrades: Mapping[int, Callable[[Row], Row]] = {}
    is_history: ClassVar[bool] = False
    names_own_kind: ClassVar[bool] = False
    """Whether rows name others of this kind (a parent): then they are matched before they are read, if `can_be_matched`."""

    def can_be_matched(self, row: Row) -> bool:
        """Whether an unchecked row holds what `match` looks at, in the right form."""
        return False

    @abc.abstractmethod
    def export(self, scope: Scope, only: Collection[str] | None = None) -> Iterator[Row]:
        """The rows in the scope, in an order that any installation with the same rows gives; with `only`, just the rows with
        these uids, wherever they are."""

    @abc.abstractmethod
    def read(self, row: Row, book: Book) -> Row:
        """Check a row from outside, whatever it holds, and put the uids of this installation where it names others (its own
        stays). Raises UnfitRow, ForeignRow."""

    @abc.abstractmethod
    def match(self, rows: Sequence[Row], scope: Scope, known: Mapping[str, str]) -> Matches:
        """Find what is here already, by `known` (from earlier packages) or uid, then by what else tells it. Raises ForeignRow
        for one outside of what the sender may change."""

    @abc.abstractmethod
    def write(self, items: Sequence[Incoming], writing: Writing) -> None:
        """Write rows inside the caller's transaction, in the order given. Deletes no row. Raises CannotWrite."""

    @abc.abstractmethod
    def title(self, row: Row) -> str:
        """What the row is about, for people."""

    def shown(self, field: str, value: Any) -> str:
        """A value for people; what is personal is covered."""
        return "—" if value in (None, "", [], {}) else str(value)

    def changes_here(self, uid: str, since: dt.datetime | None) -> list[ChangeHere]:
        """Who changed the row here since then (None: ever), latest first; as far as that is known."""
        return []

    def finish(self, writing: Writing) -> None:  # noqa: B027 - most kinds have nothing to look at in the end
        """Look at the whole once all kinds are written. Raises CannotWrite."""


_kinds: dict[str, ExchangeKind] = {}
_others: Callable[[], Iterable[ExchangeKind]] | None = None


class AlreadyRegistered(ValueError):
    """Two apps call their kinds by one name."""


def register(kind: ExchangeKind) -> None:
    """Declare a kind, once, in `AppConfig.ready`. Raises AlreadyRegistered for a name that another class has."""
    if type(_kinds.setdefault(kind.name, kind)) is not type(kind):
        raise AlreadyRegistered(kind.name)


def set_other_kinds(supplier: Callable[[], Iterable[ExchangeKind]]) -> None:
    """Set who knows the kinds that no app of the core registers: those of the plugins that are on. Asked each time."""
    global _others
    _others = supplier


def kinds() -> tuple[ExchangeKind, ...]:
    """All kinds, in the order in which they are written and read."""
    found = {kind.name: kind for kind in _others()} if _others is not None else {}
    found.update(_kinds)
    return tuple(sorted(found.values(), key=lambda kind: (kind.order, kind.name)))
