from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.domain.handles import user_by_login
from portal.exchange.domain.sending import CannotSend, ask_package, fetch_package, make_package
from portal.exchange.models import Partner, SentPackage
from portal.organisations.models import Organisation


class Command(BaseCommand):
    """What the page "导出数据包" does, at the server. The person named answers for it and needs the same right."""

    help = "导出交换数据包 (write an exchange package for a partner)"

    def add_arguments(self, parser: CommandParser) -> None:
        """For whom, what, why, where to, in whose name."""
        parser.add_argument("partner", help="对方站点的名称或编号 (name or uid of the partner)")
        parser.add_argument("organisation", help="组织编码 (code of the subtree's top)")
        parser.add_argument("output", type=Path, help="要写的文件 (file to write)")
        parser.add_argument("--reason", required=True, help="用途 (what for)")
        parser.add_argument("--as", dest="login", required=True, help="以谁的名义 (login in whose name)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file. Raises CommandError with a sentence for whoever sits at the server."""
        user = user_by_login(options["login"])
        top = Organisation.objects.filter(code=options["organisation"]).first()
        wanted = options["partner"]
        partner = next((p for p in Partner.objects.all() if wanted in (p.name, str(p.site_uid), str(p.uid))), None)
        if user is None:
            raise CommandError("没有这个账号 (no such login)")
        if top is None:
            raise CommandError("没有这个组织编码 (no such organisation)")
        if partner is None:
            raise CommandError("没有这个对方站点 (no such partner)")
        if options["output"].exists():
            raise CommandError(f"文件已存在 (the file exists): {options['output']}")
        try:
            row = ask_package(partner, top, reason=options["reason"], user=user, queued=False)
        except CannotSend as refusal:
            raise CommandError(str(refusal)) from refusal
        row = make_package(str(row.uid), lambda _percent, _note: None) or row
        if row.state != SentPackage.State.READY:
            raise CommandError(row.note)
        content = fetch_package(row, user=user).content
        with options["output"].open("xb") as file:
            file.write(content)
        self.stdout.write(f"{options['output']}  第 {row.serial} 号  {row.size_bytes} bytes  SHA-256 {row.sha256}")
        for kind, count in row.counts.items():
            self.stdout.write(f"  {kind}: {count}")
