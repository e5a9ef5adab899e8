"""Making a backup while people work, and putting one back onto an empty installation."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from portal.config.backup import databases
from portal.config.backup.archive import ArchiveWriter, BadArchive, extract, read_manifest
from portal.ground.clock import now
from portal.records.checks import triggers_present
from portal.records.domain.heads import entries_until, newest_head
from portal.records.domain.sealing import verify_chain
from portal.records.domain.trail import verify_trail
from portal.records.models import AuditLine, ChainHead, Seal
from portal.shared.fields import UndecipherableValue

KEPT_BEFORE_UPGRADES = 3
Say = Callable[[str], None]


class NotEmpty(Exception):
    """There is something already where the backup would be put."""


@dataclasses.dataclass(frozen=True)
class Made:
    """A finished backup: its file, its size, how many files it holds, and which changed while they were read."""

    path: Path
    size_bytes: int
    files: int
    torn: tuple[str, ...]


def file_folders() -> dict[str, Path]:
    """The folders of a backup beside the database. An object store keeps its own copies."""
    found = {"private": Path(settings.MEDIA_PRIVATE_ROOT)}
    if settings.STORAGES["default"]["BACKEND"].endswith("FileSystemStorage"):
        found["media"] = Path(settings.MEDIA_ROOT)
    return found


def make_backup(path: Path, *, with_files: bool = True, with_keys: bool = True, say: Say = lambda text: None) -> Made:
    """Write a backup to `path`. The database is as of one moment, the files as of a little later. Leaves nothing when it fails.

    Raises FileExistsError when `path` is there.
    """
    if path.exists():
        raise FileExistsError(path)
    archive = ArchiveWriter(path)
    try:
        say("▸ 数据库 (database) …")
        about = databases.add_database(archive)
        for name, folder in file_folders().items() if with_files else ():
            say(f"▸ {name} …")
            archive.add_folder(name, folder)
        if with_keys:
            archive.add_folder("keys", Path(settings.KEYS_DIR))
        archive.finish(
            {
                "made_at": now().isoformat(),
                "version": version(),
                "django": django.get_version(),
                "database": about,
                "with_files": with_files,
                "with_keys": with_keys,
                "torn": archive.torn,
            }
        )
    except BaseException:
        archive.give_up()
        raise
    return Made(path, path.stat().st_size, len(archive.files), tuple(archive.torn))


def version() -> str:
    """The version of this program."""
    with (settings.PROJECT_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def put_back(path: Path, *, say: Say) -> None:
    """Put a backup into this empty installation: files, keys, database. `finish_restore` comes next, in a new process, which
    then has the keys.

    Raises BadArchive before anything was touched, NotEmpty when there is a database already.
    """
    manifest = read_manifest(path)
    about = _database_of(manifest)
    if not databases.is_empty():
        raise NotEmpty
    if about["kind"] != connection.vendor:
        raise BadArchive(f"备份的数据库是 {about['kind']}，这里是 {connection.vendor} (another kind of database)")
    if newer := databases.newer_migrations(about["migrations"]):
        raise BadArchive(f"备份来自更新版本的领航，请先安装那个版本 (made by a newer version): {', '.join(newer[:5])}")
    data = Path(settings.DATA_DIR)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as name:
        staged = Path(name)
        say(f"▸ {len(manifest['files'])} 个文件 (files) …")
        extract(path, manifest, staged)
        if connection.vendor == "sqlite":
            databases.check_sqlite(staged / databases.SQLITE_FILE)
        else:
            say("▸ 数据库 (database) …")
            databases.put_back_postgres(staged / "database", about, say)
        for folder, target in {**file_folders(), "keys": Path(settings.KEYS_DIR)}.items():
            if (staged / folder).is_dir():
                _move_into(staged / folder, target)
        if connection.vendor == "sqlite":
            connection.close()
            target = Path(str(connection.settings_dict["NAME"]))
            for end in ("-wal", "-shm"):
                Path(f"{target}{end}").unlink(missing_ok=True)
            (staged / databases.SQLITE_FILE).replace(target)


def _database_of(manifest: dict[str, Any]) -> dict[str, Any]:
    about = manifest.get("database")
    good = (
        isinstance(about, dict)
        and about.get("kind") in {"sqlite", "postgresql"}
        and isinstance(about.get("migrations"), list)
        and all(
            isinstance(row, list) and len(row) == 2 and all(isinstance(w, str) for w in row)
            for row in about["migrations"]
        )
    )
    if not good:
        raise BadArchive("清单不完整 (the manifest is not complete)")
    files = manifest["files"]
    wanted = (
        [databases.SQLITE_FILE]
        if about["kind"] == "sqlite"
        else [f"database/{t}.copy" for t in about.get("tables") or {}]
    )
    if missing := [name for name in wanted if name not in files]:
        raise BadArchive(f"备份里没有 {missing[0][:100]!r} (missing)")
    return dict(about)


def _move_into(source: Path, target: Path) -> None:
    """Move what is in `source` into `target`, over what is there."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(source.iterdir()):
        place = target / entry.name
        if place.is_symlink() or place.is_file():
            place.unlink()
        if place.is_dir():
            _move_into(entry, place)
        else:
            shutil.move(entry, place)


def finish_in_new_process() -> int:
    """Run `finish_restore` where the restored keys are read. Returns its exit code."""
    command = [sys.executable, str(settings.PROJECT_DIR / "manage.py"), "restore", "--finish"]
    return subprocess.run(command, env=dict(os.environ), check=False).returncode  # noqa: S603 - our own program


def finish_restore(*, say: Say) -> bool:
    """Migrate to this version, build the search index, check every chain, and say up to when the records reach.

    Returns whether all chains fit.
    """
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    for warning in triggers_present(databases=["default"]):
        say(str(warning))
    say("▸ 搜索索引 (search index) …")
    call_command("search_rebuild", verbosity=0)
    say("▸ 校验封存记录 (chains) …")
    faults = 0
    try:
        for chain in ChainHead.objects.filter(number__gt=0).order_by("chain").values_list("chain", flat=True):
            for fault in verify_trail() if chain == "audit" else verify_chain(chain):
                faults += 1
                if faults <= 20:
                    say(f"  ✗ {fault.chain} {fault.number} {fault.kind} {fault.detail}")
    except UndecipherableValue:
        faults += 1
        say("  ✗ 密钥与数据不符：请放回原来的 keys/ (the keys do not fit the data)")
    say(_reach(faults))
    return not faults


def _reach(faults: int) -> str:
    until, head = entries_until(), newest_head()
    lines = [
        f"封存记录 {Seal.objects.count()} 条，操作记录 {AuditLine.objects.count()} 行，"
        + (f"{faults} 处不符 (faults)" if faults else "全部相符 (all chains fit)")
    ]
    if until is not None:
        lines.append(f"记录到此为止 (records reach up to): {until.astimezone(dt.UTC).isoformat(timespec='seconds')}")
    if head is not None:
        lines.append(f"最近的日结 (newest head): {head.day} {head.root}")
    return "\n".join(lines)


def backup_before_upgrade() -> Path:
    """The database alone into `backups/` of the data folder, before migrations change it. Keeps the newest few."""
    folder = Path(settings.DATA_DIR) / "backups"
    path = folder / f"before-upgrade-{now():%Y%m%dT%H%M%SZ}.tar"
    make_backup(path, with_files=False, with_keys=False)
    for old in sorted(folder.glob("before-upgrade-*.tar"))[:-KEPT_BEFORE_UPGRADES]:
        old.unlink()
    return path
