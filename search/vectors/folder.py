"""Vectors in a SQLite file beside the index.

`nearest` compares one bit for each number of a vector, its sign, for every row that may be seen, and then the whole vectors of the
rows that differ in the fewest bits. Up to `EXACT` rows that may be seen, all whole vectors are compared.
"""

from __future__ import annotations

import array
import contextlib
import dataclasses
import functools
import heapq
import json
import operator
import os
import sqlite3
import sys
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from search.contracts import SearchUnavailable
from search.engines.locks import locked
from search.query.plan import FUTURE, HELD, PAST, Restriction
from search.vectors.service import Maker, Vector
from search.vectors.store import VectorRow

EXACT = 1_000
CANDIDATES = 500
_FILE = "vectors.db"
_LOCK_SECONDS = 30.0
_READ_SECONDS = 0.2
"""A reader waits so long for a writer's commit, then words alone answer."""
_AT_ONCE = 500
_TABLES = """
CREATE TABLE made (model TEXT NOT NULL, dimensions INTEGER NOT NULL, last INTEGER NOT NULL, begun TEXT NOT NULL);
CREATE TABLE vector (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, grp TEXT NOT NULL, digest TEXT NOT NULL, seen TEXT NOT NULL,
    valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL, bits BLOB NOT NULL, numbers BLOB NOT NULL
);
CREATE INDEX of_group ON vector (grp);
CREATE INDEX of_text ON vector (digest);
CREATE TABLE gone (number INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER NOT NULL);
"""


@dataclasses.dataclass(frozen=True)
class _Seen:
    """What many rows have in common of that which decides who may meet them."""

    kind: str
    type: str
    tokens: frozenset[str]
    secrecy: int
    facets: Mapping[str, frozenset[str]]


@dataclasses.dataclass
class _Loaded:
    """What a process holds in memory: bits and what decides, not the vectors."""

    mark: tuple[object, ...]
    rows: dict[int, tuple[int, str, int, int]] = dataclasses.field(default_factory=dict)
    last: int = -1
    gone: int = 0


class FolderVectors:
    """The vectors of one installation in its index folder, made by `of`. Any number of processes read; one at a time writes."""

    def __init__(self, root: Path, of: Maker) -> None:
        self.root = root
        self.of = of
        self._guard = threading.RLock()
        self._loaded: _Loaded | None = None

    @contextlib.contextmanager
    def _open(self, *, patience: float = _READ_SECONDS) -> Iterator[sqlite3.Connection]:
        path = self.root / _FILE
        if not path.exists():
            raise SearchUnavailable("there are no vectors yet")
        with _as_unavailable(), contextlib.closing(_connect(path, patience)) as connection:
            made = Maker(*connection.execute("SELECT model, dimensions FROM made").fetchone())
            if made != self.of:
                raise SearchUnavailable(f"the vectors were made by {made}, not by {self.of}")
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with (
            locked(self.root, "vectors.lock", timeout_seconds=_LOCK_SECONDS),
            self._open(patience=_LOCK_SECONDS) as connection,
        ):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def maker(self) -> Maker | None:
        """See VectorStore."""
        path = self.root / _FILE
        if not path.exists():
            return None
        with _as_unavailable(), contextlib.closing(_connect(path, _READ_SECONDS)) as connection:
            return Maker(*connection.execute("SELECT model, dimensions FROM made").fetchone())

    def begin(self) -> None:
        """See VectorStore. The new file takes the place of the old as one act; readers go on with the old one until then."""
        with locked(self.root, "vectors.lock", timeout_seconds=_LOCK_SECONDS), _as_unavailable():
            fresh = self.root / f"{_FILE}.new"
            fresh.unlink(missing_ok=True)
            with contextlib.closing(_connect(fresh, _LOCK_SECONDS)) as connection:
                connection.executescript(_TABLES)
                connection.execute(
                    "INSERT INTO made VALUES (?, ?, 0, ?)", [self.of.model, self.of.dimensions, os.urandom(8).hex()]
                )
            fresh.replace(self.root / _FILE)

    def known(self, digests: Collection[str]) -> dict[str, Vector]:
        """See VectorStore."""
        found: dict[str, Vector] = {}
        listed = sorted(digests)
        with self._open() as connection:
            for start in range(0, len(listed), _AT_ONCE):
                asked = "SELECT digest, numbers FROM vector WHERE digest IN (SELECT value FROM json_each(?))"
                some = json.dumps(listed[start : start + _AT_ONCE])
                found |= {digest: _vector(blob) for digest, blob in connection.execute(asked, [some])}
        return found

    def replace(self, groups: Mapping[str, Sequence[VectorRow]]) -> None:
        """See VectorStore. One transaction."""
        with self._writing() as connection:
            for group, rows in groups.items():
                connection.execute("INSERT INTO gone (id) SELECT id FROM vector WHERE grp = ?", [group])
                connection.execute("DELETE FROM vector WHERE grp = ?", [group])
                connection.executemany(
                    "INSERT INTO vector (key, grp, digest, seen, valid_from, valid_to, bits, numbers)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            row.key,
                            group,
                            row.digest,
                            _seen_as_text(row),
                            row.valid_from,
                            row.valid_to,
                            _bits(row.vector).to_bytes(-(-len(row.vector) // 8), "big"),
                            row.vector.tobytes(),
                        )
                        for row in rows
                    ],
                )
            connection.execute("UPDATE made SET last = last + 1")

    def nearest(self, vector: Vector, restriction: Restriction, limit: int) -> list[tuple[str, float]]:
        """See VectorStore."""
        if limit <= 0 or not restriction.tokens:
            return []
        with self._open() as connection:
            rows = self._rows(connection)
            passes = functools.cache(lambda seen: _passes(_read_seen(seen), restriction))
            bits = _bits(vector)
            open_to = [
                ((held ^ bits).bit_count(), number)
                for number, (held, seen, first, last) in rows
                if _holds(first, last, restriction) and passes(seen)
            ]
            if len(open_to) > EXACT:
                open_to = heapq.nsmallest(max(CANDIDATES, limit), open_to)
            found = []
            for start in range(0, len(open_to), _AT_ONCE):
                some = json.dumps([number for _, number in open_to[start : start + _AT_ONCE]])
                asked = "SELECT key, grp, numbers FROM vector WHERE id IN (SELECT value FROM json_each(?))"
                for key, group, blob in connection.execute(asked, [some]):
                    if not restriction.groups or group in restriction.groups:
                        found.append((sum(map(operator.mul, vector, _vector(blob))), key))
        nearest = heapq.nsmallest(limit, found, key=lambda pair: (-pair[0], pair[1]))
        return [(key, cosine) for cosine, key in nearest]

    def _rows(self, connection: sqlite3.Connection) -> list[tuple[int, tuple[int, str, int, int]]]:
        """Bits and what decides of all rows: what was written since the last time is read, by whatever process it was."""
        begun, last = connection.execute("SELECT begun, last FROM made").fetchone()
        mark = (os.getpid(), begun)
        with self._guard:
            loaded = self._loaded
            if loaded is None or loaded.mark != mark:
                loaded = self._loaded = _Loaded(mark)
            if loaded.last != last:
                connection.execute("BEGIN")
                for number, gone in connection.execute(
                    "SELECT number, id FROM gone WHERE number > ? ORDER BY number", [loaded.gone]
                ):
                    loaded.rows.pop(gone, None)
                    loaded.gone = number
                newest = max(loaded.rows, default=0)
                for number, seen, first, until, bits in connection.execute(
                    "SELECT id, seen, valid_from, valid_to, bits FROM vector WHERE id > ?", [newest]
                ):
                    loaded.rows[number] = (int.from_bytes(bits, "big"), sys.intern(seen), first, until)
                (loaded.last,) = connection.execute("SELECT last FROM made").fetchone()
                connection.execute("COMMIT")
            return list(loaded.rows.items())

    def count(self) -> int:
        """See VectorStore."""
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM vector").fetchone()[0])


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=patience, check_same_thread=False)


def _vector(blob: bytes) -> Vector:
    numbers = array.array("f")
    numbers.frombytes(blob)
    return numbers


def _bits(vector: Iterable[float]) -> int:
    """The signs of a vector as the bits of a number."""
    return int("".join("1" if number > 0 else "0" for number in vector) or "0", 2)


def _seen_as_text(row: VectorRow) -> str:
    facets = {key: [held] if isinstance(held, str) else sorted(held) for key, held in sorted(row.facets.items())}
    return json.dumps([row.kind, row.type, sorted(row.tokens), row.secrecy, facets], ensure_ascii=False)


@functools.lru_cache(maxsize=4096)
def _read_seen(text: str) -> _Seen:
    kind, type_, tokens, secrecy, facets = json.loads(text)
    return _Seen(kind, type_, frozenset(tokens), secrecy, {key: frozenset(held) for key, held in facets.items()})


def _passes(seen: _Seen, restriction: Restriction) -> bool:
    """What an engine's filters say of a row, its dates and group aside."""
    return (
        not seen.tokens.isdisjoint(restriction.tokens)
        and seen.secrecy <= restriction.clearance
        and seen.kind not in restriction.kinds_off
        and f"{seen.kind}:{seen.type}" not in restriction.kinds_off
        and (not restriction.types or seen.type in restriction.types)
        and all(not seen.facets.get(key, frozenset()).isdisjoint(values) for key, values in restriction.facets)
    )


def _holds(first: int, last: int, restriction: Restriction) -> bool:
    status = FUTURE if first > restriction.on else PAST if last < restriction.on else HELD
    return status in restriction.statuses


@contextlib.contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise SearchUnavailable(f"the vectors cannot be used: {error}") from error
