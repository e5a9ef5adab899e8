"""The embedded engine. Any number of processes read; one at a time writes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy

from search.contracts import SearchUnavailable
from search.engines.base import Counts, GroupChange, IsCurrent, Ranked
from search.engines.embedded import compiler
from search.engines.embedded.schema import AUTHORITY_SCALE, open_index, section_schema, to_document, to_section
from search.engines.embedded.store import WRITE_LOCK_SECONDS, Store
from search.engines.ranking import in_order
from search.engines.rows import Row, SectionRow
from search.query.plan import FUTURE, HELD, PAST, STATUSES, Lookup, Plan, Restriction

_LIVE_HEAP = 32_000_000
SECTIONS = "sections"
_BUILD_HEAPS = {"": 128_000_000, SECTIONS: 64_000_000}
_MOST_VALUES = 500
_COUNT: dict[str, Any] = {"count": {"value_count": {"field": "tie"}}}
"""Every row has this field. Counted along with the facets: a search that counts goes through all matches once more, and scores
each of them."""


class EmbeddedEngine:
    """tantivy on a folder."""

    name = "embedded"

    def __init__(self, root: Path) -> None:
        self.store = Store(root)
        self._guard = threading.Lock()
        self._readers: dict[str, tuple[Any, tantivy.Index]] = {}

    # --- reading ------------------------------------------------------------------------------------------------------

    def is_ready(self) -> bool:
        """Whether an index of the present schema is in use."""
        return self.store.current() is not None

    def _searcher(self, part: str = "") -> tantivy.Searcher:
        """A searcher on the newest commit: two `stat`s tell whether anything was written, by whatever process. `part` names
        the index of sections."""
        folder = self.store.current()
        if folder is None:
            raise SearchUnavailable("there is no search index yet")
        with _as_unavailable():
            meta = (folder / part / "meta.json").stat()
            mark = (os.getpid(), folder, meta.st_mtime_ns, meta.st_ino)
            with self._guard:
                known = self._readers.get(part)
                if known is None or known[0][:2] != mark[:2]:
                    known = (mark, _open(folder, part))
                elif known[0] != mark:
                    known[1].reload()
                    known = (mark, known[1])
                self._readers[part] = known
                return known[1].searcher()

    def hits(self, plan: Plan, first: int, count: int) -> list[Ranked]:
        """See Engine."""
        if plan.is_empty or count <= 0:
            return []
        lifted = compiler.lifted_query(plan) if plan.lifts else None
        return self._ranked(compiler.hits_query(plan), first, count, lifted, newest_first=plan.newest_first)

    def lookup(self, lookup: Lookup, limit: int) -> list[Ranked]:
        """See Engine."""
        return self._ranked(compiler.lookup_query(lookup), 0, limit)

    def suggest(self, key: str, restriction: Restriction, limit: int) -> list[Ranked]:
        """See Engine."""
        return self._ranked(compiler.suggest_query(key, restriction), 0, limit)

    def rows(self, keys: Sequence[str], plan: Plan) -> list[Ranked]:
        """See Engine."""
        if not keys or (plan.gated and not plan.gate):
            return []
        return self._ranked(compiler.rows_query(keys, plan), 0, len(keys))

    def _ranked(
        self,
        query: tantivy.Query,
        first: int,
        count: int,
        lifted: tantivy.Query | None = None,
        *,
        newest_first: bool = False,
    ) -> list[Ranked]:
        """`lifted` scores some of the rows higher than `query` does. They are asked for by themselves and put in: a row that is
        not lifted and belongs to the best is among the best of `query` too, and the few lifted rows cost next to nothing, where
        looking after them in a query for all costs a fifth of its time."""
        searcher = self._searcher()
        order: dict[str, Any] = {"order_by_field": "published"} if newest_first else {"weight_by_field": "weight"}

        def fetch(limit: int) -> list[tuple[float, int, tantivy.DocAddress]]:
            found = searcher.search(query, limit, count=False, **order).hits
            if lifted is not None:
                better = searcher.search(lifted, limit, count=False, **order).hits
                known = {(place.segment_ord, place.doc) for _, place in better}
                rest = [pair for pair in found if (pair[1].segment_ord, pair[1].doc) not in known]
                found = sorted([*better, *rest], key=lambda pair: -pair[0])[:limit]
            ties = searcher.fast_field_values("tie", [address for _, address in found])
            return [(score, int(tie or 0), address) for (score, address), tie in zip(found, ties, strict=True)]

        with _as_unavailable():
            chosen = in_order(fetch, first, count, exact=newest_first)
            ranked = []
            for score, _, address in chosen:
                data = json.loads(searcher.doc(address).to_dict()["data"][0])
                score = float(score) if newest_first else score / AUTHORITY_SCALE
                ranked.append(Ranked(f"{data['kind']}:{data['uid']}", score, data))
            return ranked

    def sections(self, plan: Plan, limit: int) -> list[tuple[str, float]]:
        """See Engine."""
        if plan.is_empty or limit <= 0:
            return []
        searcher = self._searcher(SECTIONS)
        query = compiler.sections_query(plan)

        def fetch(many: int) -> list[tuple[float, int, int]]:
            found = searcher.search(query, many, count=False).hits
            numbers = searcher.fast_field_values("number", [address for _, address in found])
            return [
                (score, int(number or 0), int(number or 0)) for (score, _), number in zip(found, numbers, strict=True)
            ]

        with _as_unavailable():
            return [(f"{number:x}", score) for score, _, number in in_order(fetch, 0, limit)]

    def frequencies(self, terms: Sequence[str]) -> tuple[int, list[int]]:
        """See Engine."""
        searcher = self._searcher()
        with _as_unavailable():
            return int(searcher.num_docs), [int(searcher.doc_freq("t", term)) for term in terms]

    def counts(self, plan: Plan, facet_keys: Sequence[str], *, types: bool = True) -> Counts:
        """See Engine."""
        if not plan.gate:
            return Counts(0, {}, {})
        searcher = self._searcher()
        query = compiler.counts_query(plan)
        wanted = _COUNT | {
            f"facet:{key}": {"terms": {"field": f"facet.{key}", "size": _MOST_VALUES}} for key in facet_keys
        }
        if types:
            wanted["type"] = {"terms": {"field": "type", "size": _MOST_VALUES}}
        with _as_unavailable():
            answer = searcher.aggregate(query, wanted)
        total = int(answer.pop("count")["value"])
        counted = {
            name: {str(bucket["key"]): int(bucket["doc_count"]) for bucket in part["buckets"]}
            for name, part in answer.items()
        }
        return Counts(total, counted.get("type", {}), {key: counted.get(f"facet:{key}", {}) for key in facet_keys})

    def statuses(self, plan: Plan) -> Mapping[str, int]:
        """See Engine."""
        if not plan.gate:
            return dict.fromkeys(STATUSES, 0)
        searcher, on = self._searcher(), plan.restriction.on
        wanted = _COUNT | {
            FUTURE: {"range": {"field": "valid_from", "ranges": [{"from": float(on + 1)}]}},
            PAST: {"range": {"field": "valid_to", "ranges": [{"to": float(on)}]}},
        }
        query = compiler.status_query(plan)
        with _as_unavailable():
            answer = searcher.aggregate(query, wanted)
        total = int(answer.pop("count")["value"])
        outside = {
            name: sum(
                int(bucket["doc_count"]) for bucket in part["buckets"] if bucket.get("from" if name == FUTURE else "to")
            )
            for name, part in answer.items()
        }
        future, past = outside.get(FUTURE, 0), outside.get(PAST, 0)
        return {HELD: total - future - past, FUTURE: future, PAST: past}

    def inventory(self) -> dict[int, int]:
        """See Engine."""
        searcher = self._searcher()
        with _as_unavailable():
            found = searcher.search(tantivy.Query.all_query(), max(1, int(searcher.num_docs)), count=False).hits
            places = [place for _, place in found]
            ties, seqs = searcher.fast_field_values("tie", places), searcher.fast_field_values("seq", places)
            return {int(tie or 0): int(seq or 0) for tie, seq in zip(ties, seqs, strict=True)}

    def row_count(self) -> int:
        """See Engine."""
        return int(self._searcher().num_docs)

    def section_count(self) -> int:
        """See Engine."""
        return int(self._searcher(SECTIONS).num_docs)

    def size_bytes(self) -> int:
        """See Engine."""
        return self.store.size_bytes()

    # --- writing ------------------------------------------------------------------------------------------------------

    def apply(self, changes: Sequence[GroupChange], is_current: IsCurrent) -> dict[str, str]:
        """See Engine. One commit for all changes; a process killed in between leaves the commit before."""
        with self.store.locked("write.lock", timeout_seconds=WRITE_LOCK_SECONDS):
            folder = self.store.current()
            if folder is None:
                raise SearchUnavailable("there is no search index yet")
            _replace_groups(folder, [change for change in changes if is_current(change)], _LIVE_HEAP)
        return {}

    def begin_rebuild(self) -> EmbeddedBuild:
        """See Engine."""
        return EmbeddedBuild(self.store)


class EmbeddedBuild:
    """A new folder, filled while the old one answers and takes changes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.refused: dict[str, str] = {}
        self._locks = contextlib.ExitStack()
        self._locks.enter_context(store.locked("rebuild.lock", timeout_seconds=1.0))
        try:
            with _as_unavailable():
                self.folder = store.new_folder()
                self.writers = {part: _open(self.folder, part).writer(heap, 1) for part, heap in _BUILD_HEAPS.items()}
        except BaseException:
            self._locks.close()
            raise

    def add(self, rows: Iterable[Row]) -> int:
        """See Build."""
        if not self.writers:
            raise SearchUnavailable("this build is closed")
        added = 0
        with _as_unavailable():
            for row in rows:
                _add(self.writers, row)
                added += 1
        return added

    def finish(self, catch_up: Callable[[], Sequence[GroupChange]]) -> None:
        """See Build. Writers wait while the last changes are applied; readers never do."""
        with _as_unavailable():
            self._close_writers(commit=True)
        with self.store.locked("write.lock", timeout_seconds=WRITE_LOCK_SECONDS):
            changes = catch_up()
            if changes:
                _replace_groups(self.folder, changes, _LIVE_HEAP)
            self.store.make_current(self.folder)
        self._locks.close()

    def abandon(self) -> None:
        """See Build."""
        try:
            with contextlib.suppress(ValueError, OSError):
                self._close_writers(commit=False)
            shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            self._locks.close()

    def _close_writers(self, *, commit: bool) -> None:
        writers, self.writers = self.writers, {}
        for writer in writers.values():
            if commit:
                writer.commit()
            else:
                writer.rollback()
            writer.wait_merging_threads()


def _open(folder: Path, part: str) -> tantivy.Index:
    """The index of rows, or that of sections in the folder below."""
    if not part:
        return open_index(str(folder))
    (folder / part).mkdir(exist_ok=True)
    return open_index(str(folder / part), section_schema())


def _add(writers: dict[str, tantivy.IndexWriter], row: Row) -> None:
    if isinstance(row, SectionRow):
        writers[SECTIONS].add_document(to_section(row))
    else:
        writers[""].add_document(to_document(row))


def _replace_groups(folder: Path, changes: Sequence[GroupChange], heap: int) -> None:
    if not changes:
        return
    with _as_unavailable():
        if not _write(folder, changes, heap):
            _write(folder, changes, heap, after_a_killed_writer=True)


def _write(folder: Path, changes: Sequence[GroupChange], heap: int, *, after_a_killed_writer: bool = False) -> bool:
    """Commit the changes; False when a file is in the way that a killed writer left behind. Such a file belongs to no commit,
    so the next try collects it first."""
    writers = {part: _open(folder, part).writer(heap, 1) for part in _BUILD_HEAPS}
    for part, writer in writers.items():
        if after_a_killed_writer:
            writer.garbage_collect_files()
        for change in changes:
            writer.delete_documents_by_term("group", change.group_key)
            for row in change.rows:
                if isinstance(row, SectionRow) == (part == SECTIONS):
                    _add(writers, row)
        try:
            writer.commit()
        except ValueError as error:
            if after_a_killed_writer or "FileAlreadyExists" not in str(error):
                raise
            return False
        writer.wait_merging_threads()
    return True


@contextlib.contextmanager
def _as_unavailable() -> Iterator[None]:
    """tantivy reports damage, a full disk and a busy lock as ValueError or OSError."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise SearchUnavailable(f"the search index cannot be used: {error}") from error
