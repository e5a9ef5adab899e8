"""Importing the real laws into SQLite and indexing them: articles a second, peak memory, size of database and index.

Each step runs in a process of its own with a data folder of its own, so the figures hold nothing of the caller. The baseline
is the rate that is promised: 300 articles a second with the index.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
TARGET = 300.0  # articles a second, parsing, storing and indexing together
_MEASURED = """
import resource, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
usage = resource.getrusage(resource.RUSAGE_SELF)
print("used", usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
"""


@dataclasses.dataclass(frozen=True)
class Step:
    """A command: what it wrote, how long it took with its start, CPU seconds and peak memory."""

    output: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


class NoLaws(Exception):
    """The folder with the real laws is not there."""


def run(options: Any = None) -> dict[str, Any]:
    """Measure; `options.laws` names another folder of laws. Raises NoLaws."""
    laws = Path(getattr(options, "laws", None) or _laws())
    if not laws.is_dir():
        raise NoLaws(f"no laws in {laws}: set LINGHANG_SHARED_DATA")
    with tempfile.TemporaryDirectory(prefix="linghang-bench-") as name:
        data = Path(name)
        _manage(data, "migrate", "-v0")
        imported = _manage(data, "import_regulations", str(laws))
        again = _manage(data, "import_regulations", str(laws))
        indexed = _manage(data, "search_rebuild")
        articles = int(re.search(r"完成：.*?，(\d+) 条", imported.output)[1])  # type: ignore[index]
        database = (data / "linghang.sqlite3").stat().st_size
        index = sum(file.stat().st_size for file in (data / "search").rglob("*") if file.is_file())
    rate = articles / (imported.seconds + indexed.seconds)
    return {
        "name": "regulations_import",
        "articles": articles,
        "articles_per_second": round(rate, 1),
        "articles_per_cpu_second": round(articles / (imported.cpu_seconds + indexed.cpu_seconds), 1),
        "import_seconds": round(imported.seconds, 2),
        "unchanged_import_seconds": round(again.seconds, 2),
        "index_seconds": round(indexed.seconds, 2),
        "import_peak_mb": round(imported.peak_mb, 1),
        "index_peak_mb": round(indexed.peak_mb, 1),
        "database_mb": round(database / 1_048_576, 1),
        "index_mb": round(index / 1_048_576, 1),
        "targets": {"articles_per_second": {"at_least": TARGET}},
    }


def _laws() -> Path:
    shared = os.environ.get("LINGHANG_SHARED_DATA")
    return (Path(shared) if shared else PROJECT.parent / "shared" / "data") / "laws"


def _manage(data: Path, *arguments: str) -> Step:
    """Run a management command in a process of its own."""
    services = ("DATABASE_URL", "ELASTICSEARCH_URL", "REDIS_URL")
    environment = {
        **{key: value for key, value in os.environ.items() if key not in services},
        "LINGHANG_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "portal.config.settings.dev",
    }
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *arguments],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    peak, cpu = done.stdout.rsplit("used ", 1)[1].split()
    return Step(done.stdout, seconds, float(cpu), float(peak) / 1024)
