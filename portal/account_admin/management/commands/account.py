from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.account_admin.domain import accounts
from portal.accounts.domain.handles import user_by_login
from portal.accounts.models import User
from portal.organisations.models import Organisation

ACTS = {
    "disable": accounts.disable_account,
    "enable": accounts.enable_account,
    "unlock": accounts.lift_pause,
    "factor": accounts.take_second_factor_away,
    "sign-out": accounts.sign_out_everywhere,
}


class Command(BaseCommand):
    """What nobody may do through the site: the accounts of the three administrators, and the first accounts of a new site."""

    help = "在服务器上处理账号，包括三类管理员的账号 (look after accounts, those of the three administrators included)"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, to whom."""
        parser.add_argument("act", choices=["open", "reset", *ACTS])
        parser.add_argument(
            "login", help="用户名；除开户外也可用手机号、工号 (user name; phone or work number except for open)"
        )
        parser.add_argument("--name", default="", help="开户：姓名 (open: the person's name)")
        parser.add_argument("--organisation", default="", help="开户：组织编码 (open: code of the organisation)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Raises CommandError with a sentence for whoever sits at the server."""
        try:
            password = self._act(options)
        except accounts.AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if password:
            self.stdout.write(f"一次性密码，72 小时内有效 (one-time password, valid for 72 hours): {password}")
        else:
            self.stdout.write("已完成 (done)")

    def _act(self, options: dict[str, Any]) -> str:
        if options["act"] == "open":
            organisation = Organisation.objects.filter(code=options["organisation"]).first()
            if organisation is None or not options["name"]:
                raise CommandError("请写明 --name 和 --organisation (say --name and --organisation)")
            _user, password = accounts.open_account(
                None, username=options["login"], display_name=options["name"], organisation=organisation
            )
            return password
        user: User | None = user_by_login(options["login"])
        if user is None:
            raise CommandError(f"没有这个账号 (no such account): {options['login']}")
        if options["act"] == "reset":
            return accounts.reset_password(None, user)
        ACTS[options["act"]](None, user)
        return ""
