"""What is lost or doubled in the index when things break: kill -9 of the indexer, a deleted index, a jumping clock, a full stop of
the engine during 100,000 edits; with `-o elastic=3` also three Elasticsearch nodes: the master killed, read only, all stopped.

`-o kills=10 -o edits=2000 -o documents=500` for a shorter one, `-o seed=7` for the same again, `-o only=kills,clock` for a part.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

from benchmarks import running

KILLS, DOCUMENTS, EDITS = 50, 2_000, 100_000
LIMIT_SECONDS = 300.0
KIND = "bench"


def run(options: Any) -> dict[str, Any]:
    """Rows lost, doubled and stale after each fault, and the seconds until index and database agreed. None may be left."""
    seed = int(getattr(options, "seed", 0)) or random.SystemRandom().getrandbits(32)
    nodes = int(getattr(options, "elastic", 0))
    with tempfile.TemporaryDirectory(prefix="linghang-bench-faults-") as folder:
        os.environ.update(running.environment(Path(folder)))
        for name in ("ELASTICSEARCH_URL", "REDIS_URL", "DATABASE_URL"):
            os.environ.pop(name, None)
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        library = Library(random.Random(seed), int(getattr(options, "documents", DOCUMENTS)))
        found = _all_faults(library, options, Path(folder), nodes)
    left = {name: sum(one[part] for one in found.values()) for name in ("lost", "doubled", "stale") for part in (name,)}
    return {
        "seed": seed,
        "documents": len(library.titles()),
        "faults": found,
        **left,
        "slowest_seconds_to_rest": max(one["seconds_to_rest"] for one in found.values()),
        "targets": {
            **{name: {"at_most": 0} for name in left},
            "slowest_seconds_to_rest": {"at_most": LIMIT_SECONDS},
        },
    }


def _all_faults(library: Library, options: Any, folder: Path, nodes: int) -> dict[str, dict[str, Any]]:
    kills, edits = int(getattr(options, "kills", KILLS)), int(getattr(options, "edits", EDITS))
    faults: dict[str, Callable[[], None]] = {
        "kills": lambda: _kills(library, kills),
        "deleted": lambda: _deleted(library),
        "clock": lambda: _clock(library),
        "stopped": lambda: _stopped(library, edits),
    }
    only = [name for name in str(getattr(options, "only", "")).split(",") if name]
    found = {name: library.after(fault) for name, fault in faults.items() if not only or name in only}
    if nodes:
        with _elasticsearch(folder, nodes) as cluster:
            library.rest()
            faults = {
                "elastic_kills": lambda: _kills(library, kills),
                "elastic_master_killed": lambda: _master_killed(library, cluster),
                "elastic_read_only": lambda: _read_only(library),
                "elastic_deleted": lambda: _deleted(library),
                "elastic_frozen": lambda: _frozen(library, cluster, edits),
            }
            found |= {name: library.after(fault) for name, fault in faults.items() if not only or name in only}
    return found


class Library:
    """Documents in a table of their own, edited at random, each edit told in its transaction as an app tells it."""

    def __init__(self, dice: random.Random, documents: int) -> None:
        from django.db import connection

        from portal.ground import outbox
        from search import registry
        from search.contracts import SearchSource

        self.dice = dice
        self.edits = 0
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_document (uid varchar(40) PRIMARY KEY, title text NOT NULL)")
        for source in registry.sources():
            registry.unregister(source.kind)
        for name in outbox.consumers():
            if name != "search.index":  # what others do with each edit is not measured here
                outbox.unregister_consumer(name)
        registry.register(SearchSource(KIND, "东西", "Things", self.documents, {"news": ("新闻", "News")}))
        for start in range(0, documents, 500):
            self.edit([f"d{number}" for number in range(start, min(start + 500, documents))])
        self.rest()

    def documents(self, uids: Any) -> Iterator[Any]:
        """The search source."""
        from search.contracts import SearchDocument

        for uid, title in self._rows(uids):
            yield SearchDocument(
                uid=uid, group=uid, kind=KIND, type="news", title=title, body="党费收缴，民主评议。",
                url=f"/{uid}", tokens=frozenset({"public"}),
            )  # fmt: skip

    def _rows(self, uids: Any) -> list[tuple[str, str]]:
        from django.db import connection

        with connection.cursor() as cursor:
            if uids is None:
                cursor.execute("SELECT uid, title FROM bench_document ORDER BY uid")
            else:
                marks = ", ".join(["%s"] * len(uids))
                cursor.execute(f"SELECT uid, title FROM bench_document WHERE uid IN ({marks})", list(uids))
            return list(cursor.fetchall())

    def titles(self) -> dict[str, str]:
        """What the database holds."""
        return dict(self._rows(None))

    def edit(self, uids: list[str]) -> None:
        """Write each of these anew, or remove it (one in ten), in one transaction."""
        from django.db import connection, transaction

        from portal.ground.content import content_changed

        with transaction.atomic(), connection.cursor() as cursor:
            for uid in uids:
                cursor.execute("DELETE FROM bench_document WHERE uid = %s", [uid])
                self.edits += 1
                if self.edits <= len(uids) or self.dice.random() > 0.1:
                    cursor.execute("INSERT INTO bench_document VALUES (%s, %s)", [uid, f"第{self.edits}次修改"])
                content_changed(KIND, uid)

    def edit_some(self, many: int) -> None:
        """Edit so many at random, some of them new."""
        self.edit([f"d{self.dice.randrange(DOCUMENTS + DOCUMENTS // 5)}" for _ in range(many)])

    def differences(self) -> dict[str, int]:
        """What the index lacks, has twice, or has otherwise than the database."""
        there: dict[str, list[str]] = {}
        for uid, title in indexed():
            there.setdefault(uid, []).append(title)
        here = self.titles()
        return {
            "lost": len(here.keys() - there.keys()),
            "doubled": sum(len(titles) > 1 for titles in there.values()),
            "stale": sum(here.get(uid) != titles[0] for uid, titles in there.items()),
        }

    def rest(self) -> float:
        """Work as the worker does until index and database agree; the seconds it took, at most `LIMIT_SECONDS`."""
        from portal.ground.jobs import run_due_jobs
        from search.contracts import SearchUnavailable
        from search.indexing.sweep import sweep

        began = time.monotonic()
        while time.monotonic() - began < LIMIT_SECONDS:
            run_due_jobs()
            with contextlib.suppress(SearchUnavailable):
                sweep()
                if not any(self.differences().values()):
                    break
            time.sleep(0.5)
        return time.monotonic() - began

    def after(self, fault: Callable[[], None]) -> dict[str, Any]:
        """Let it happen, then come to rest."""
        before, began = self.edits, time.monotonic()
        fault()
        lasted = time.monotonic() - began
        seconds = self.rest()
        found = {
            "edits": self.edits - before,
            "fault_seconds": round(lasted, 1),
            "seconds_to_rest": round(seconds, 1),
            **self.differences(),
        }
        print(f"  {found}", flush=True)
        return found


def indexed() -> Iterator[tuple[str, str]]:
    """Uid and title of every row in the index in use, as it stores them."""
    import json

    import tantivy

    from search.engines import current_engine
    from search.engines.elastic.engine import ElasticEngine
    from search.engines.embedded.engine import EmbeddedEngine

    engine = current_engine()
    if isinstance(engine, ElasticEngine):
        for hit in engine.scan({"exists": {"field": "type"}}, source=["data.uid", "data.title"]):
            yield hit["_source"]["data"]["uid"], hit["_source"]["data"]["title"]
        return
    assert isinstance(engine, EmbeddedEngine)
    searcher = engine._searcher()
    for _, place in searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False).hits:
        data = json.loads(searcher.doc(place).to_dict()["data"][0])
        yield data["uid"], data["title"]


def _kills(library: Library, kills: int) -> None:
    """An indexer that is killed at a random moment, again and again, while edits go on."""
    for _ in range(kills):
        child = _indexer()
        for _ in range(3):
            library.edit_some(library.dice.randrange(1, 40))
            time.sleep(library.dice.uniform(0, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _indexer() -> int:
    """A process that does what is due until it is killed."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return child
    from portal.ground.jobs import run_due_jobs
    from search.indexing.sweep import sweep

    while True:
        with contextlib.suppress(Exception):
            run_due_jobs()
            sweep()
        time.sleep(0.02)


def _deleted(library: Library) -> None:
    from django.conf import settings

    from search.engines import current_engine
    from search.engines.elastic.engine import ElasticEngine

    engine = current_engine()
    if isinstance(engine, ElasticEngine):
        engine.drop_all()
    else:
        shutil.rmtree(settings.SEARCH_INDEX_DIR)
    library.edit_some(50)


def _clock(library: Library) -> None:
    """A day forward, then two days back, then right again; edits and indexing at each."""
    from django.utils import timezone

    from portal.ground.jobs import run_due_jobs
    from search.indexing.sweep import sweep

    right = timezone.now
    try:
        for days in (1, -1):
            timezone.now = lambda days=days: right() + dt.timedelta(days=days)
            library.edit_some(100)
            run_due_jobs()
            sweep()
            library.edit_some(20)
    finally:
        timezone.now = right
    sweep(full=True)  # what was queued in the future is found by the comparison, not by the queue


def _stopped(library: Library, edits: int) -> None:
    """The index folder cannot be used while edits go on."""
    from django.conf import settings

    folder = Path(settings.SEARCH_INDEX_DIR)
    aside = folder.with_name("search-aside")
    folder.rename(aside)
    folder.write_text("a file is in the way")
    _edit_and_deliver(library, edits)
    folder.unlink()
    aside.rename(folder)


def _edit_and_deliver(library: Library, edits: int) -> None:
    from portal.ground.jobs import run_due_jobs

    for _ in range(max(1, edits // 500)):
        library.edit([f"e{library.dice.randrange(edits)}" for _ in range(500)])
        run_due_jobs()


@contextlib.contextmanager
def _elasticsearch(folder: Path, nodes: int) -> Iterator[Any]:
    from django.conf import settings

    from tests.services.elasticsearch import node

    place = folder / "elastic"
    place.mkdir()
    cluster = node.start(place, nodes=nodes)
    settings.ELASTICSEARCH_URL = ",".join(one.url for one in cluster.nodes)
    try:
        yield cluster
    finally:
        settings.ELASTICSEARCH_URL = ""
        for one in cluster.nodes:
            with contextlib.suppress(ProcessLookupError):
                one.process.send_signal(signal.SIGCONT)
        cluster.stop()


def _master_killed(library: Library, cluster: Any) -> None:
    from portal.ground.jobs import run_due_jobs
    from search.engines import current_engine

    engine: Any = current_engine()
    master = engine.client.cat.master(format="json")[0]["node"]
    for number in range(30):
        library.edit_some(20)
        run_due_jobs()
        if number == 10:
            (victim,) = (one for one in cluster.nodes if one.name == master)
            victim.process.kill()
            victim.process.wait()


def _read_only(library: Library) -> None:
    from portal.ground.jobs import run_due_jobs
    from search.engines import current_engine

    engine: Any = current_engine()
    for blocked in (True, False):
        engine.client.indices.put_settings(index=f"{engine.alias}-*", settings={"index.blocks.write": blocked})
        library.edit_some(200)
        run_due_jobs()


def _frozen(library: Library, cluster: Any, edits: int) -> None:
    """All nodes hang (they take connections and say nothing) while edits go on."""
    living = [one for one in cluster.nodes if one.process.poll() is None]
    for one in living:
        one.process.send_signal(signal.SIGSTOP)
    try:
        _edit_and_deliver(library, edits)
    finally:
        for one in living:
            one.process.send_signal(signal.SIGCONT)
