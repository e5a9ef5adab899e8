"""Backing up and restoring a large site: how long, and whether every chain fits afterwards.

    bin/bench restore -o members=100000 -o organisations=6000 -o records=100000

fills a new SQLite site by `benchmarks.scale_data`, seals `records` entries in the chains of its organisations, backs it up and
restores it into another folder. `-o site=DIR` takes a filled data folder instead. With `-o database=URL -o target=URL` both
sites are on PostgreSQL (`target` an empty database).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import running

MEMBERS, ORGANISATIONS, RECORDS = 100_000, 6_000, 100_000
TARGET_RESTORE_SECONDS = 15 * 60.0

FILL = """
import datetime as dt, sys
import django; django.setup()
from portal.ground.ids import new_uid
from portal.organisations.chains import chain_of
from portal.organisations.models import Organisation
from portal.records.domain.sealing import Entry, seal_many
day = dt.date(2026, 7, 1)
chains = [chain_of(organisation) for organisation in Organisation.objects.order_by("pk")] or ["org:none"]
left = int(sys.argv[1])
place = 0
while left > 0:
    part = [chains[(place + n) % len(chains)] for n in range(min(2000, left))]
    seal_many([Entry("bench.minutes", str(new_uid()), chain, {"topic": "学习", "tel": "138"}, day, "bench", personal=["tel"])
               for chain in part])
    place, left = place + len(part), left - len(part)
"""


def run(options: Any) -> dict[str, Any]:
    """Seconds to fill, back up and restore; the size of the archive; up to when the restored records reach."""
    with tempfile.TemporaryDirectory(prefix="linghang-restore-") as name:
        folder = Path(name)
        site = Path(getattr(options, "site", "") or folder / "one")
        source = _environment(site, getattr(options, "database", ""))
        result: dict[str, Any] = {}
        if not getattr(options, "site", ""):
            members = str(getattr(options, "members", MEMBERS))
            organisations = str(getattr(options, "organisations", ORGANISATIONS))
            words = [
                "-m",
                "benchmarks.scale_data",
                "--members",
                members,
                "--organisations",
                organisations,
                "--pages",
                "0",
            ]
            result["fill_seconds"], _ = _timed(words, source)
            result["seal_seconds"], _ = _timed(["-c", FILL, str(getattr(options, "records", RECORDS))], source)
        archive = folder / "site.tar"
        result["backup_seconds"], _ = _timed(["manage.py", "backup", str(archive)], source)
        result["archive_mb"] = round(archive.stat().st_size / 1e6, 1)
        target = _environment(folder / "two", getattr(options, "target", ""))
        result["restore_seconds"], said = _timed(["manage.py", "restore", str(archive)], target)
        reach = [line for line in said.splitlines() if line.startswith("封存记录")]
        result["reaches"] = reach[0] if reach else "?"
        result["targets"] = {"restore_seconds": {"at_most": TARGET_RESTORE_SECONDS}}
        return result


def _environment(data: Path, database: str) -> dict[str, str]:
    data.mkdir(parents=True, exist_ok=True)
    return {**running.environment(data), **({"DATABASE_URL": database} if database else {})}


def _timed(words: list[str], environment: dict[str, str]) -> tuple[float, str]:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *words], cwd=running.PROJECT_DIR, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:3])} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return round(time.monotonic() - began, 1), done.stdout
