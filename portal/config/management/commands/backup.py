from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.config.backup.making import make_backup
from portal.ground.audit import audit


class Command(BaseCommand):
    """One file with database, files and keys, made while people work."""

    help = "备份整个站点：数据库、文件、密钥 (back up the whole site: database, files, keys)"

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and what to leave out."""
        parser.add_argument("file", type=Path, help="新文件的路径 (path of the new file, .tar)")
        parser.add_argument("--no-files", action="store_true", help="不含文件 (without uploaded files)")
        parser.add_argument(
            "--no-keys", action="store_true", help="不含密钥，另行保管 (without the keys: keep them apart)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it. Raises CommandError when the file is there or cannot be written."""
        path = options["file"].expanduser().absolute()
        try:
            made = make_backup(
                path, with_files=not options["no_files"], with_keys=not options["no_keys"], say=self.stdout.write
            )
        except FileExistsError:
            raise CommandError(f"文件已存在 (the file is there already): {path}") from None
        except OSError as error:
            raise CommandError(f"写不了备份 (cannot write): {error}") from None
        audit(None, "site.backed_up", target_kind="site", files=made.files, bytes=made.size_bytes)
        for name in made.torn:
            self.stdout.write(f"  ! 读取时文件变了，请稍后再备份一次 (changed while it was read): {name}")
        self.stdout.write(f"✓ {path}  {made.files} 个文件 (files), {made.size_bytes / 1e6:.1f} MB")
