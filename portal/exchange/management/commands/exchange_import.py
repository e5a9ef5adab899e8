from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.domain.handles import user_by_login
from portal.exchange.domain.applying import apply
from portal.exchange.domain.checking import check
from portal.exchange.domain.package.format import RefusedPackage
from portal.exchange.domain.receiving import decide, drop, open_conflicts, receive, start_apply
from portal.exchange.models import ReceivedPackage, StagedLine


class Command(BaseCommand):
    """What the page "导入数据包" does, at the server. The person named answers for it and needs the same right."""

    help = "导入交换数据包 (take an exchange package in)"

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, in whose name, how far to go."""
        parser.add_argument("file", type=Path, help="数据包 (package)")
        parser.add_argument("--as", dest="login", required=True, help="以谁的名义 (login in whose name)")
        parser.add_argument("--dry-run", action="store_true", help="只比对，不写入 (compare, write nothing)")
        parser.add_argument(
            "--conflicts",
            choices=StagedLine.Decision.values,
            default="",
            help="冲突用谁的；不给则有冲突就不写入 (whose rows win; without it conflicts stop everything)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, show, write. Raises CommandError with a sentence for whoever sits at the server."""
        user = user_by_login(options["login"])
        if user is None:
            raise CommandError("没有这个账号 (no such login)")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(str(error)) from error
        try:
            row = receive(user, options["file"].name, content, queued=False)
        except RefusedPackage as refusal:
            raise CommandError(str(refusal)) from refusal
        check(str(row.uid), lambda _percent, _note: None)
        row.refresh_from_db()
        self._show(row)
        if row.state != ReceivedPackage.State.CHECKED:
            raise CommandError(row.note)
        if options["dry_run"]:
            drop(row)
            self.stdout.write("只比对，没有写入 (dry run, nothing was written)")
            return
        if options["conflicts"]:
            decide(row, {}, rest=options["conflicts"])
        if open_conflicts(row).exists():
            drop(row)
            raise CommandError(
                "有冲突没有决定，什么也没有写入；加 --conflicts，或在网页上逐条选择 (undecided conflicts)"
            )
        start_apply(row, queued=False)
        apply(str(row.uid), lambda _percent, _note: None)
        row.refresh_from_db()
        if row.state != ReceivedPackage.State.DONE:
            raise CommandError(row.note)
        self.stdout.write("已写入 (written)")

    def _show(self, row: ReceivedPackage) -> None:
        self.stdout.write(f"{row.partner} 第 {row.serial} 号 {row.scope_name}")
        if row.is_older:
            self.stdout.write("已导入过同样或更新的数据包 (as old as, or older than, what was taken in)")
        for kind, counts in row.counts.items():
            self.stdout.write(f"  {kind}: " + ", ".join(f"{act} {n}" for act, n in sorted(counts.items())))
        for notice in row.notices:
            self.stdout.write(f"  ! {notice}")
        for line in row.lines.filter(act__in=("conflict", "kept_out", "missing")).order_by("place")[:50]:
            self.stdout.write(f"  {line.get_act_display()} {line.kind} {line.title} {line.note}")
