from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.config.backup.archive import BadArchive
from portal.config.backup.making import NotEmpty, finish_in_new_process, finish_restore, put_back


class Command(BaseCommand):
    """Puts a backup into an empty installation, brings it to this version, and checks its records."""

    help = "把备份恢复到一个空的安装 (restore a backup into an empty installation)"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The file. `--finish` is the second half, which `restore` starts by itself."""
        parser.add_argument("file", type=Path, nargs="?", help="备份文件 (the backup)")
        parser.add_argument("--finish", action="store_true", help="只做后一半：升级、索引、校验 (only the second half)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore. Raises CommandError with what to do; until the archive was found good, nothing is touched."""
        if options["finish"]:
            if not finish_restore(say=self._say):
                raise CommandError("封存记录校验不符，见上 (the records do not fit, see above)")
            return
        if options["file"] is None:
            raise CommandError("请给出备份文件 (name the backup)")
        try:
            put_back(options["file"].expanduser(), say=self._say)
        except BadArchive as error:
            raise CommandError(f"没有恢复：{error}") from None
        except NotEmpty:
            raise CommandError(
                "这里已经有一个站点；请恢复到空的数据目录或空的数据库 (there is a site here already; restore into an empty "
                "data folder or an empty database)"
            ) from None
        if code := finish_in_new_process():
            raise CommandError(
                "恢复后的检查没有通过，见上 (the checks after restoring failed, see above)", returncode=code
            )
        self.stdout.write("✓ 已恢复 (restored)")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
