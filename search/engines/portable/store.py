"""The file and its tables. One file an index; `CURRENT` names the one in use, as with the embedded engine."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from search.analysis.pinyin import suggest_keys
from search.engines.rows import IndexRow, Row, SectionRow

REVISION = 1
_TABLES = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, grp TEXT NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL,
    secrecy INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL, published INTEGER NOT NULL,
    authority REAL NOT NULL, tie INTEGER NOT NULL, seq INTEGER NOT NULL, art TEXT NOT NULL, under TEXT NOT NULL,
    is_section INTEGER NOT NULL, data TEXT NOT NULL
);
CREATE INDEX entry_group ON entry (grp);
CREATE INDEX entry_art ON entry (art) WHERE art <> '';
CREATE TABLE held (token TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (token, row)) WITHOUT ROWID;
CREATE INDEX held_row ON held (row);
CREATE TABLE facet (row INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (row, key, value)) WITHOUT ROWID;
CREATE INDEX facet_value ON facet (key, value, row);
CREATE TABLE suggestion (key TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (key, row)) WITHOUT ROWID;
CREATE INDEX suggestion_row ON suggestion (row);
CREATE VIRTUAL TABLE text USING fts5(t, p, rt, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE section USING fts5(t, tokenize = "unicode61 remove_diacritics 0");
"""


def fingerprint() -> str:
    """A short name for the tables: indexes of another one are never opened."""
    return hashlib.sha256(json.dumps([REVISION, _TABLES]).encode()).hexdigest()[:12]


def connect(path: str) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def make(path: str) -> sqlite3.Connection:
    """An empty index."""
    connection = connect(path)
    connection.executescript(_TABLES)
    return connection


def new_name() -> str:
    """The name of a file for a new index."""
    return f"{fingerprint()}-{secrets.token_hex(4)}.sqlite"


def is_ours(name: str) -> bool:
    """Whether a name is that of an index of this version."""
    return name.startswith(f"{fingerprint()}-") and name.endswith(".sqlite") and "/" not in name


def remove_group(connection: sqlite3.Connection, group_key: str) -> None:
    """Drop all rows and sections of a group."""
    rows = connection.execute("SELECT id, is_section FROM entry WHERE grp = ?", [group_key]).fetchall()
    for row, is_section in rows:
        connection.execute(f"DELETE FROM {'section' if is_section else 'text'} WHERE rowid = ?", [row])
        for table in ("held", "facet", "suggestion"):
            connection.execute(f"DELETE FROM {table} WHERE row = ?", [row])
    connection.execute("DELETE FROM entry WHERE grp = ?", [group_key])


def add(connection: sqlite3.Connection, rows: Iterable[Row]) -> int:
    """Write rows and sections; returns how many."""
    added = 0
    for row in rows:
        number = _section(connection, row) if isinstance(row, SectionRow) else _row(connection, row)
        connection.executemany("INSERT INTO held VALUES (?, ?)", [(token, number) for token in row.tokens])
        added += 1
    return added


_ENTRY = (
    "INSERT INTO entry (key, grp, kind, type, secrecy, valid_from, valid_to, published, authority, tie, seq, art, under,"
    " is_section, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)


def _row(connection: sqlite3.Connection, row: IndexRow) -> int:
    data = json.dumps(row.data, ensure_ascii=False).encode("utf-8", "replace").decode()
    values = [
        row.key, row.group_key, row.kind, row.type, row.secrecy, row.valid_from, row.valid_to, row.published, row.authority,
        row.tie, row.seq, row.reference_path, row.section, 0, data,
    ]  # fmt: skip
    number = int(connection.execute(_ENTRY, values).fetchone()[0])
    connection.execute(
        "INSERT INTO text (rowid, t, p, rt) VALUES (?, ?, ?, ?)", [number, row.text, row.positions, row.reference_title]
    )
    facets = [
        (number, key, one)
        for key, value in row.facets.items()
        for one in dict.fromkeys([value] if isinstance(value, str) else value)
    ]
    connection.executemany("INSERT INTO facet VALUES (?, ?, ?)", facets)
    connection.executemany(
        "INSERT OR IGNORE INTO suggestion VALUES (?, ?)", [(key, number) for key in suggest_keys(row.suggest)]
    )
    return number


def _section(connection: sqlite3.Connection, row: SectionRow) -> int:
    values = [
        row.key, row.group_key, row.kind, "", row.secrecy, row.valid_from, row.valid_to, 0, 1.0, row.number, row.seq, "",
        f"{row.number:x}", 1, "{}",
    ]  # fmt: skip
    number = int(connection.execute(_ENTRY, values).fetchone()[0])
    connection.execute("INSERT INTO section (rowid, t) VALUES (?, ?)", [number, row.text])
    return number


def size_of(path: Path) -> int:
    """What an index takes on disk, its journal included."""
    return sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))
