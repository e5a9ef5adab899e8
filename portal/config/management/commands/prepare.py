import gc
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from plugins.host import registry
from plugins.host.migrating import migrate_all
from portal.config.backup.databases import applied_migrations, is_empty, newer_migrations
from portal.config.backup.making import backup_before_upgrade
from portal.records.triggers import install_triggers, missing_triggers

STAMP = ".collected"


class Command(BaseCommand):
    """The steps between installing and serving, each only when there is something to do. An upgrade begins with a backup of the
    database in `backups/` of the data folder."""

    help = "准备数据库、静态文件和演示站点 (prepare database, static files and the demo site)"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--no-demo` starts empty."""
        parser.add_argument("--no-demo", action="store_true", help="不载入演示站点 (no demo site)")
        parser.add_argument(
            "--no-backup",
            action="store_true",
            help="升级前不备份数据库 (no backup before migrations of a filled database)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the steps. Raises CommandError when the database belongs to a newer version; then nothing was touched."""
        refuse_newer_database()
        if self._pending_migrations():
            if not is_empty() and not options["no_backup"]:
                with self._step("升级前备份数据库 (backup of the database before the upgrade)"):
                    self.stdout.write(f"  {backup_before_upgrade()}")
            with self._step("数据库迁移 (database migrations)"), _collecting_seldom():
                failed = migrate_all()
            for slug, error in failed.items():
                self.stderr.write(
                    f"✗ 插件 {slug} 的迁移没有完成，它暂不生效 (its migrations failed, it stays inactive): {error}"
                )
        if missing_triggers():
            install_triggers()
            self.stdout.write("▸ 重新安装了保护封存记录的触发器 (triggers that protect sealed rows were missing)")
        mark = static_fingerprint()
        stamp = Path(settings.STATIC_ROOT) / STAMP
        if not stamp.exists() or stamp.read_text() != mark:
            with self._step("静态文件 (static files)"):
                call_command("collectstatic", verbosity=0, interactive=False, clear=True)
                stamp.write_text(mark)
        call_command("search_rebuild", if_needed=True, verbosity=0, stdout=self.stdout)
        if not options["no_demo"] and "load_demo" in get_commands():
            with self._step("演示站点 (demo site)"):
                call_command("load_demo", if_empty=True, stdout=self.stdout)

    def _pending_migrations(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.stdout.write(f"▸ {name} …")
        self.stdout.flush()
        began = time.monotonic()
        yield
        self.stdout.write(f"  完成，用时 {time.monotonic() - began:.1f} 秒 (done)")
        self.stdout.flush()


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Django builds its models anew for each migration, thousands of classes: looking for garbage among them at the usual pace
    takes a seventh of the time of a first start, for 40 MB less memory."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def refuse_newer_database() -> None:
    """Raise CommandError when migrations were applied that this version does not have: it would misread their tables.

    Only reads. Apps that are not installed (a plugin taken away) do not count, and an external plugin that is too old stays
    inactive by itself.
    """
    if is_empty():
        return
    external = {plugin.slug for plugin in registry.found() if plugin.origin == "external"}
    newer = [name for name in newer_migrations(applied_migrations()) if name.partition(".")[0] not in external]
    if newer:
        raise CommandError(
            "数据库来自更新版本的领航，本版本不能使用它；未做任何改动。请安装更新的版本，或用 --data 另选数据目录。\n"
            "The database belongs to a newer version of Linghang; nothing was changed. Install that version, or choose "
            f"another folder with --data.\n  ({', '.join(newer[:5])}{' …' if len(newer) > 5 else ''})"
        )


def static_fingerprint() -> str:
    """A hash over names, sizes and times of all static files of the sources."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
