"""The engine on FTS5: the same contract, tens of times slower. Scores are those of FTS5's bm25 (k1 1.2, b 0.75), times authority."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from search.contracts import PAGING_LIMIT, SearchUnavailable
from search.engines.base import Counts, GroupChange, IsCurrent, Ranked
from search.engines.locks import locked
from search.engines.portable import compiler, store
from search.engines.ranking import rounded
from search.engines.rows import Row
from search.query.plan import FUTURE, HELD, PAST, STATUSES, Lookup, Plan, Restriction

WRITE_LOCK_SECONDS = 60.0
_CANDIDATES = PAGING_LIMIT + 300
"""So many of the best by words alone are ordered by their whole score."""


class PortableEngine:
    """FTS5 in a folder; without a folder in memory, for the tests of one process."""

    name = "portable"

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._mark: tuple[Any, ...] = ()
        self._building = False

    # --- reading ------------------------------------------------------------------------------------------------------

    def is_ready(self) -> bool:
        """Whether there is an index of these tables."""
        return self._connection is not None if self.root is None else self._path() is not None

    def _path(self) -> Path | None:
        if self.root is None:
            return None
        try:
            name = (self.root / "CURRENT").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        return self.root / name if store.is_ours(name) and (self.root / name).exists() else None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The connection of this process to the index in use, for one thread at a time."""
        with self._guard, _as_unavailable():
            if self.root is not None:
                path = self._path()
                mark = (os.getpid(), path)
                if path is None:
                    raise SearchUnavailable("there is no search index yet")
                if mark != self._mark or self._connection is None:
                    self._connection, self._mark = store.connect(str(path)), mark
            if self._connection is None:
                raise SearchUnavailable("there is no search index yet")
            yield self._connection

    def hits(self, plan: Plan, first: int, count: int) -> list[Ranked]:
        """See Engine."""
        if plan.is_empty or count <= 0:
            return []
        conditions = [*compiler.restricted(plan.restriction), *compiler.phrases(plan)]
        if plan.gated or plan.newest_first:
            conditions += compiler.gate(plan)
        if plan.newest_first:
            sql, values = compiler.where(conditions)
            return self._newest(sql, values, first, count)
        scores = self._scores(plan, conditions)
        chosen = sorted(scores.items(), key=lambda pair: (-rounded(pair[1][0]), pair[1][1]))[first : first + count]
        return self._with_data([(number, score) for number, (score, _) in chosen])

    def _scores(self, plan: Plan, conditions: list[compiler.Condition]) -> dict[int, tuple[float, int]]:
        """Score and tie of the best rows."""
        sections = {lift.value: lift.amount for lift in plan.lifts if lift.field == "section"}
        keys = {lift.value: lift.amount for lift in plan.lifts if lift.field == "key"}
        sql, values = compiler.where(conditions)
        words = compiler.any_of(text for text, _ in plan.terms)
        ranked = (
            "SELECT r.id, r.key, r.under, r.authority, r.tie, -bm25(text) FROM text JOIN entry r ON r.id = text.rowid"
            f" WHERE text MATCH ? AND {sql} ORDER BY bm25(text) / r.authority LIMIT ?"
        )
        named = f"SELECT r.id, r.key, r.under, r.authority, r.tie, 0.0 FROM entry r WHERE r.is_section = 0 AND {sql}"
        with self._reading() as connection:
            found = connection.execute(ranked, [words, *values, _CANDIDATES]).fetchall()
            if keys:
                marks = ", ".join("?" * len(keys))
                found += connection.execute(f"{named} AND r.key IN ({marks})", [*values, *keys]).fetchall()
        scores: dict[int, tuple[float, int]] = {}
        for number, key, section, authority, tie, matched in found:
            score = (matched + sections.get(section, 0.0) + keys.get(key, 0.0)) * authority
            if score > scores.get(number, (-1.0, 0))[0]:
                scores[number] = (score, tie)
        return scores

    def _newest(self, sql: str, values: list[Any], first: int, count: int) -> list[Ranked]:
        asked = f"SELECT r.id, r.published FROM entry r WHERE r.is_section = 0 AND {sql}"
        with self._reading() as connection:
            found = connection.execute(
                f"{asked} ORDER BY r.published DESC, r.tie LIMIT ? OFFSET ?", [*values, count, first]
            ).fetchall()
        return self._with_data([(number, float(day)) for number, day in found])

    def _with_data(self, chosen: Sequence[tuple[int, float]]) -> list[Ranked]:
        ranked = []
        with self._reading() as connection:
            for number, score in chosen:
                found = connection.execute("SELECT key, data FROM entry WHERE id = ?", [number]).fetchone()
                if found:
                    ranked.append(Ranked(found[0], score, json.loads(found[1])))
        return ranked

    def lookup(self, lookup: Lookup, limit: int) -> list[Ranked]:
        """See Engine."""
        conditions = compiler.restricted(lookup.restriction)
        if lookup.path:
            conditions.append(("r.art = ?", [lookup.path]))
        sql, values = compiler.where(conditions)
        score, source, match = "r.authority", "entry r", ""
        if lookup.title_terms:
            score, source = "-bm25(text) * r.authority", "text JOIN entry r ON r.id = text.rowid"
            match = "text MATCH ? AND"
            words = " AND ".join(f"{{rt}} : {compiler.quoted(term)}" for term in lookup.title_terms)
            values = [words, *values]
        with self._reading() as connection:
            found = connection.execute(
                f"SELECT r.id, {score} AS score FROM {source} WHERE {match} r.is_section = 0 AND {sql}"
                " ORDER BY score DESC, r.tie LIMIT ?",
                [*values, limit],
            ).fetchall()
        return self._with_data(found)

    def rows(self, keys: Sequence[str], plan: Plan) -> list[Ranked]:
        """See Engine."""
        if not keys or (plan.gated and not plan.gate):
            return []
        conditions = [*compiler.restricted(plan.restriction), *compiler.phrases(plan)]
        if plan.gated:
            conditions += compiler.gate(plan)
        sql, values = compiler.where(conditions)
        asked = f"SELECT r.id, r.authority FROM entry r WHERE r.key IN ({', '.join('?' * len(keys))}) AND {sql}"
        with self._reading() as connection:
            found = connection.execute(
                f"{asked} AND r.is_section = 0 ORDER BY r.authority DESC, r.tie", [*keys, *values]
            )
            return self._with_data(found.fetchall())

    def suggest(self, key: str, restriction: Restriction, limit: int) -> list[Ranked]:
        """See Engine."""
        sql, values = compiler.where(compiler.restricted(restriction))
        with self._reading() as connection:
            found = connection.execute(
                "SELECT r.id, r.authority FROM suggestion s JOIN entry r ON r.id = s.row"
                f" WHERE s.key = ? AND {sql} ORDER BY r.authority DESC, r.tie LIMIT ?",
                [key, *values, limit],
            ).fetchall()
        return self._with_data(found)

    def sections(self, plan: Plan, limit: int) -> list[tuple[str, float]]:
        """See Engine."""
        if plan.is_empty or limit <= 0:
            return []
        sql, values = compiler.where(compiler.seen(plan.restriction, typed=False))
        with self._reading() as connection:
            found = connection.execute(
                "SELECT r.tie, -bm25(section) AS score FROM section JOIN entry r ON r.id = section.rowid"
                f" WHERE section MATCH ? AND {sql} ORDER BY score DESC, r.tie LIMIT ?",
                [compiler.any_of(text for text, _ in plan.terms), *values, limit],
            ).fetchall()
        return [(f"{number:x}", float(score)) for number, score in found]

    def frequencies(self, terms: Sequence[str]) -> tuple[int, list[int]]:
        """See Engine."""
        asked = "SELECT count(*) FROM text WHERE text MATCH ?"
        with self._reading() as connection:
            rows = int(connection.execute("SELECT count(*) FROM entry WHERE is_section = 0").fetchone()[0])
            return rows, [int(connection.execute(asked, [compiler.any_of([term])]).fetchone()[0]) for term in terms]

    def counts(self, plan: Plan, facet_keys: Sequence[str], *, types: bool = True) -> Counts:
        """See Engine."""
        if not plan.gate:
            return Counts(0, {}, {})
        sql, values = compiler.where(_matching(plan))
        with self._reading() as connection:
            matching = f"FROM entry r WHERE r.is_section = 0 AND {sql}"
            of_types = dict(connection.execute(f"SELECT r.type, count(*) {matching} GROUP BY 1", values).fetchall())
            facets: dict[str, dict[str, int]] = {key: {} for key in facet_keys}
            if facets and of_types:
                marks = ", ".join("?" * len(facets))
                found = connection.execute(
                    f"SELECT f.key, f.value, count(*) FROM facet f WHERE f.key IN ({marks}) AND f.row IN (SELECT r.id {matching})"
                    " GROUP BY 1, 2",
                    [*facets, *values],
                )
                for key, value, many in found:
                    facets[key][value] = many
        return Counts(sum(of_types.values()), of_types if types else {}, facets)

    def statuses(self, plan: Plan) -> Mapping[str, int]:
        """See Engine."""
        if not plan.gate:
            return dict.fromkeys(STATUSES, 0)
        on = plan.restriction.on
        wide = dataclasses.replace(plan.restriction, statuses=frozenset(STATUSES))
        sql, values = compiler.where(_matching(dataclasses.replace(plan, restriction=wide)))
        with self._reading() as connection:
            found = connection.execute(
                f"SELECT r.valid_from, r.valid_to FROM entry r WHERE r.is_section = 0 AND {sql}", values
            ).fetchall()
        many = collections.Counter(FUTURE if first > on else PAST if last < on else HELD for first, last in found)
        return {status: many[status] for status in STATUSES}

    def inventory(self) -> dict[int, int]:
        """See Engine."""
        with self._reading() as connection:
            return dict(connection.execute("SELECT tie, seq FROM entry WHERE is_section = 0").fetchall())

    def row_count(self) -> int:
        """See Engine."""
        return self._count(0)

    def section_count(self) -> int:
        """See Engine."""
        return self._count(1)

    def _count(self, is_section: int) -> int:
        with self._reading() as connection:
            asked = "SELECT count(*) FROM entry WHERE is_section = ?"
            return int(connection.execute(asked, [is_section]).fetchone()[0])

    def size_bytes(self) -> int:
        """See Engine."""
        if self.root is None:
            with self._reading() as connection:
                (pages,), (size,) = (
                    connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
                )
            return int(pages * size)
        path = self._path()
        return store.size_of(path) if path is not None else 0

    # --- writing ------------------------------------------------------------------------------------------------------

    def apply(self, changes: Sequence[GroupChange], is_current: IsCurrent) -> dict[str, str]:
        """See Engine. One transaction; a process killed in between leaves what was before."""
        with self._locked("write.lock", WRITE_LOCK_SECONDS), self._reading() as connection:
            replace_groups(connection, [change for change in changes if is_current(change)])
        return {}

    def begin_rebuild(self) -> PortableBuild:
        """See Engine."""
        return PortableBuild(self)

    @contextlib.contextmanager
    def _locked(self, name: str, seconds: float) -> Iterator[None]:
        if self.root is None:
            with self._guard:
                yield
            return
        with locked(self.root, name, timeout_seconds=seconds):
            yield

    def make_current(self, name: str, connection: sqlite3.Connection) -> None:
        """Put a finished index in the place of the old."""
        if self.root is None:
            with self._guard:
                self._connection = connection
            return
        connection.close()
        pointer = self.root / f"CURRENT.{name}"
        pointer.write_text(name, encoding="ascii")
        pointer.replace(self.root / "CURRENT")
        for other in self.root.glob("*.sqlite*"):
            if not other.name.startswith(name):
                other.unlink(missing_ok=True)


class PortableBuild:
    """A new file, filled while the old one answers and takes changes."""

    def __init__(self, engine: PortableEngine) -> None:
        self.engine = engine
        self.refused: dict[str, str] = {}
        self._locks = contextlib.ExitStack()
        if engine.root is not None:
            self._locks.enter_context(locked(engine.root, "rebuild.lock", timeout_seconds=1.0))
        elif engine._building:
            raise SearchUnavailable("a rebuild runs already")
        engine._building = True
        self.name = store.new_name()
        try:
            with _as_unavailable():
                self.connection = store.make(str(engine.root / self.name) if engine.root is not None else ":memory:")
                self.connection.execute("BEGIN")
        except BaseException:
            self._close()
            raise

    def add(self, rows: Iterable[Row]) -> int:
        """See Build."""
        with _as_unavailable():
            return store.add(self.connection, rows)

    def finish(self, catch_up: Callable[[], Sequence[GroupChange]]) -> None:
        """See Build."""
        with _as_unavailable():
            self.connection.execute("COMMIT")
            with self.engine._locked("write.lock", WRITE_LOCK_SECONDS):
                replace_groups(self.connection, catch_up())
                self.engine.make_current(self.name, self.connection)
        self._close()

    def abandon(self) -> None:
        """See Build."""
        try:
            with contextlib.suppress(sqlite3.Error):
                self.connection.close()
            if self.engine.root is not None:
                for part in self.engine.root.glob(f"{self.name}*"):
                    part.unlink(missing_ok=True)
        finally:
            self._close()

    def _close(self) -> None:
        self.engine._building = False
        self._locks.close()


def replace_groups(connection: sqlite3.Connection, changes: Sequence[GroupChange]) -> None:
    """All of the changes, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for change in changes:
            store.remove_group(connection, change.group_key)
            store.add(connection, change.rows)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _matching(plan: Plan) -> list[compiler.Condition]:
    return [*compiler.restricted(plan.restriction), *compiler.gate(plan), *compiler.phrases(plan)]


@contextlib.contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise SearchUnavailable(f"the search index cannot be used: {error}") from error
