"""How fast records are sealed, and how fast a chain is checked without the site.

`-o rows=10000000` checks the export of ten million entries (4.3 GB in a temporary folder); the default is one million, and the
figure is given for ten. `DATABASE_URL` chooses PostgreSQL for the appending.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import django

from benchmarks import running

ROWS = 1_000_000
CHAINS = 6000
SINGLE = 300
BULK = 20_000
WRITERS = 8
TARGET_SECONDS_FOR_TEN_MILLION = 60.0


def run(options: Any) -> dict[str, Any]:
    """Seconds to check ten million entries; entries sealed a second: one by one, by eight writers, and in bulk."""
    rows = int(getattr(options, "rows", ROWS))
    with tempfile.TemporaryDirectory(prefix="linghang-records-") as folder:
        checked = _check(Path(folder) / "export.jsonl", rows)
    address = os.environ.get("DATABASE_URL", "")
    with running.data_folder(getattr(options, "empty_site", None), demo=False, database=address) as data:
        os.environ.update(running.environment(data, address))
        django.setup()
        appended = _append()
    ten_million = checked["seconds"] * 10_000_000 / checked["rows"]
    return {
        "verify": checked,
        "verify_10_million_seconds": round(ten_million, 1),
        "append": appended,
        "targets": {"verify_10_million_seconds": {"at_most": TARGET_SECONDS_FOR_TEN_MILLION}},
    }


def write_export(path: Path, rows: int, chains: int = CHAINS) -> int:
    """An export file as the site writes it, made without the site. Returns how many entries it has."""
    each = max(1, rows // chains)
    body = path.with_suffix(".body")
    with body.open("w") as file, path.open("w") as head:
        head.write('{"format":"linghang-seals/1","whole":true}\n')
        for number in range(chains):
            chain, before = f"org:0192f000-0000-7000-8000-{number:012x}", "0" * 64
            for place in range(1, each + 1):
                uid = f"0192f000-0000-7000-8{number % 4096:03x}-{place:012x}"
                digest = hashlib.sha256(uid.encode()).hexdigest()
                columns = [chain, place, "meetings.minutes", uid, 1, "2026-07-01", "2026-07-08"]
                columns += [
                    "2026-07-03T08:00:00.000123+00:00",
                    "2026-07-03",
                    "0192f000-0000-7000-8000-00000000abcd",
                    digest,
                ]
                own = hashlib.sha256("\n".join(map(str, [before, *columns])).encode()).hexdigest()
                file.write(json.dumps(["seal", *columns, before, own], separators=(",", ":")) + "\n")
                before = own
            head.write(json.dumps(["end", chain, each, before], separators=(",", ":")) + "\n")
    with path.open("ab") as whole, body.open("rb") as source:
        while data := source.read(1 << 22):
            whole.write(data)
    body.unlink()
    return each * chains


def _check(path: Path, rows: int) -> dict[str, Any]:
    count = write_export(path, rows, min(CHAINS, rows))
    script = running.PROJECT_DIR / "tools" / "verify_chain.py"
    watched = ["/usr/bin/time", "-f", "%M"] if Path("/usr/bin/time").exists() else []
    done = subprocess.run(
        [*watched, sys.executable, "-I", str(script), str(path)], capture_output=True, text=True, check=True
    )
    seconds = float(re.findall(r"([\d.]+) s$", done.stdout.strip())[0])
    figures = {
        "rows": count,
        "seconds": seconds,
        "rows_per_second": round(count / seconds),
        "file_mb": path.stat().st_size / 1e6,
    }
    if watched:
        figures["largest_process_mb"] = int(done.stderr.split()[-1]) / 1024
    return figures


def _append() -> dict[str, Any]:
    from django.db import connection

    from portal.ground.ids import new_uid
    from portal.records.domain.sealing import Entry, seal_many, verify_chain

    day = dt.date(2026, 7, 1)

    def entry(chain: str) -> Entry:
        return Entry(
            "bench.minutes",
            str(new_uid()),
            chain,
            {"topic": "学习", "present": 12, "tel": "138"},
            day,
            "bench",
            personal=["tel"],
        )

    def one_by_one(chain: str, count: int) -> None:
        for _ in range(count):
            seal_many([entry(chain)])
        connection.close()

    began = time.perf_counter()
    one_by_one("org:single", SINGLE)
    single = SINGLE / (time.perf_counter() - began)
    writers = [threading.Thread(target=one_by_one, args=(f"org:{n}", SINGLE // WRITERS * 2)) for n in range(WRITERS)]
    began = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    parallel = WRITERS * (SINGLE // WRITERS * 2) / (time.perf_counter() - began)
    began = time.perf_counter()
    for _ in range(BULK // 2000):
        seal_many([entry("org:bulk") for _ in range(2000)])
    bulk = BULK / (time.perf_counter() - began)
    began = time.perf_counter()
    faults = sum(1 for _ in verify_chain("org:bulk"))
    return {
        "database": connection.vendor,
        "one_writer_per_second": round(single),
        "eight_writers_per_second": round(parallel),
        "bulk_per_second": round(bulk),
        "checked_by_the_site_per_second": round(BULK / (time.perf_counter() - began)),
        "faults": faults,
    }
