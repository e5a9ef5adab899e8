from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.domain.handles import user_by_login
from portal.organisations.domain.grants import GrantRefused, appoint, withdraw
from portal.organisations.domain.rights import current_grants
from portal.organisations.models import DutiesConflict, Organisation, Role


class Command(BaseCommand):
    """The roles that nobody inside the site may give, and the first grants of a new site."""

    help = "任免角色，包括系统、安全、审计三类管理员 (give or take a role, the three administrators included)"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, which role, where."""
        parser.add_argument("login", help="用户名、手机号或工号 (user name, phone or work number)")
        parser.add_argument("role", choices=[str(role) for role in Role.values if role != Role.MEMBER])
        parser.add_argument("--organisation", default="", help="组织编码，默认最上级组织 (code; default: the top)")
        parser.add_argument("--withdraw", action="store_true", help="收回 (take the role back)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give or take. Raises CommandError with a sentence for whoever sits at the server."""
        user = user_by_login(options["login"])
        if user is None:
            raise CommandError(f"没有这个账号 (no such account): {options['login']}")
        organisation = self._organisation(options["organisation"])
        try:
            if options["withdraw"]:
                grants = current_grants(user).filter(role=options["role"], organisation=organisation)
                for grant in grants:
                    withdraw(None, grant)
                self.stdout.write(f"已收回 {len(grants)} 项 (withdrawn)")
                return
            grant = appoint(None, user, options["role"], organisation)
        except (GrantRefused, DutiesConflict) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.username}: {grant.get_role_display()} @ {organisation}")

    def _organisation(self, code: str) -> Organisation:
        if code:
            found = Organisation.objects.filter(code=code).first()
            if found is None:
                raise CommandError(f"没有这个组织编码 (no such organisation): {code}")
            return found
        tops = list(Organisation.objects.filter(depth=1, ended_on__isnull=True)[:2])
        if len(tops) != 1:
            raise CommandError("请用 --organisation 指明组织 (say which organisation)")
        return tops[0]
