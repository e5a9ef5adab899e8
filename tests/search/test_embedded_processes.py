"""The embedded index between processes: killed writers, several writers, readers that see each commit."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search.contracts import SearchUnavailable
from search.engines.embedded.engine import EmbeddedEngine
from search.query.plan import Restriction
from search.query.planner import plan_query
from tests.search.writer import ROWS, change_of

pytestmark = [pytest.mark.slow, pytest.mark.once]

PROJECT = Path(__file__).resolve().parents[2]
ANYBODY = Restriction(frozenset({"public"}), 0, 20260101)


@pytest.fixture
def empty(tmp_path) -> EmbeddedEngine:
    engine = EmbeddedEngine(tmp_path / "search")
    engine.begin_rebuild().finish(list)
    return engine


def written(engine: EmbeddedEngine, group: str) -> list[int]:
    """The writings that the rows of a group come from."""
    rows = engine.hits(plan_query(f"党费 {group}", ANYBODY), 0, 1000)
    return [int(row.data["url"][1:]) for row in rows if row.data["group"] == group]


def start(engine: EmbeddedEngine, group: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.search.writer", str(engine.store.root), group, *more]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_killed_writer_leaves_the_last_or_the_next_commit_whole(empty):
    dice = random.Random(5)
    for _ in range(4):
        with start(empty, "a") as process:
            confirmed = int(process.stdout.readline())
            time.sleep(dice.uniform(0, 0.4))
            process.kill()
            confirmed = max([confirmed, *map(int, process.stdout.read().split())])

        found = written(empty, "a")
        assert (len(found), len(set(found))) == (ROWS, 1)
        assert found[0] in (confirmed, confirmed + 1)

    empty.apply([change_of("a", 7)], lambda change: True)
    assert set(written(empty, "a")) == {7}


def test_writer_killed_just_before_its_commit_counted_is_followed_by_a_whole_one(empty, tmp_path):
    """Its file of deleted rows bears the name that the next writer's will have."""
    empty.apply([change_of("a", 1), change_of("b", 1)], lambda change: True)
    (folder,) = (path for path in empty.store.root.iterdir() if path.is_dir())
    before = shutil.copytree(folder, tmp_path / "before")
    empty.apply([change_of("a", 2)], lambda change: True)
    known = {
        part: {name for place in (folder, before) for name in json.loads((place / part / ".managed.json").read_text())}
        for part in ("", "sections")
    }
    shutil.copytree(before, folder, dirs_exist_ok=True)  # the commit is undone, its files stay
    for part, names in known.items():
        (folder / part / ".managed.json").write_text(json.dumps(sorted(names)))
    assert list(folder.glob("*.del"))
    assert set(written(EmbeddedEngine(empty.store.root), "a")) == {1}

    EmbeddedEngine(empty.store.root).apply([change_of("a", 3)], lambda change: True)

    assert (set(written(empty, "a")), set(written(empty, "b")), empty.row_count()) == ({3}, {1}, 2 * ROWS)


@pytest.mark.slow
def test_several_writers_lose_nothing_and_a_reader_sees_each_commit(empty):
    seen = set()
    with contextlib.ExitStack() as running:
        processes = [running.enter_context(start(empty, group, "15")) for group in "abc"]
        while any(process.poll() is None for process in processes):
            seen.update(written(empty, "a"))
            time.sleep(0.02)

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [set(written(empty, group)) for group in "abc"] == [{15}, {15}, {15}]
    assert empty.row_count() == 3 * ROWS
    assert len(seen) > 1


def test_reader_follows_to_the_index_that_took_the_place(empty, tmp_path):
    empty.apply([change_of("a", 1)], lambda change: True)
    reader = EmbeddedEngine(tmp_path / "search")
    assert set(written(reader, "a")) == {1}

    build = empty.begin_rebuild()
    build.add(change_of("a", 2).rows)
    build.finish(list)

    assert set(written(reader, "a")) == {2}
    assert len([folder for folder in (tmp_path / "search").iterdir() if folder.is_dir()]) == 1


def test_second_rebuild_at_the_same_time_is_refused(empty):
    first = empty.begin_rebuild()

    with pytest.raises(SearchUnavailable, match="rebuild"):
        empty.begin_rebuild()
    first.abandon()

    empty.begin_rebuild().finish(list)


def test_pointer_to_nothing_or_to_nonsense_is_unavailable_and_can_be_rebuilt(empty):
    pointer = empty.store.root / "CURRENT"
    for nonsense in ("", "../../etc", "0123456789ab-00000000", "\udcff"):
        pointer.write_bytes(nonsense.encode("utf-8", "surrogateescape"))

        assert not empty.is_ready()
        with pytest.raises(SearchUnavailable):
            written(empty, "a")

    empty.begin_rebuild().finish(list)
    assert written(empty, "a") == []


def test_damaged_index_is_unavailable_not_a_crash(empty):
    (folder,) = (path for path in empty.store.root.iterdir() if path.is_dir())
    (folder / "meta.json").write_text("{ broken")

    with pytest.raises(SearchUnavailable, match="cannot be used"):
        written(EmbeddedEngine(empty.store.root), "a")
