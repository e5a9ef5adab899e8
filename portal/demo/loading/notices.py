"""Notices and to-dos of the people with a login."""

from __future__ import annotations

import datetime as dt
import uuid

from portal.accounts.models import User
from portal.demo.content_files import read_toml
from portal.demo.loading.context import SEED, Context
from portal.notices.domain import Holders, open_task
from portal.notices.domain.recipients import Recipients
from portal.notices.domain.sending import send_to_members
from portal.organisations.domain.rights import scopes_of
from portal.organisations.models import Organisation
from portal.workbench.rights import OVERSEE


def load(context: Context) -> str:
    """Send the notices and open the tasks. Notices arrive when the worker runs."""
    content = read_toml("notices.toml")
    users = {user.username: user for user in User.objects.all()}
    for number, said in enumerate(content["notice"]):
        sender = users[said["by"]]
        send_to_members(
            sender, _where(sender), said["title"], said["text"], uid=uuid.UUID(int=(SEED << 64) + number, version=4)
        )
    opened = 0
    for number, asked in enumerate(content["task"]):
        due_on = context.today + dt.timedelta(days=asked["days"])
        people: dict[str, Recipients] = {name: users[name] for name in asked.get("to", ())}
        people |= {name: Holders(OVERSEE.code, context.organisations[name]) for name in asked.get("of", ())}
        for name, who in people.items():
            open_task(f"demo.task:{number}:{name}", who, asked["title"], asked["url"], due_on, by_hand=True)
            opened += 1
    return f"通知 {len(content['notice'])} 条，待办 {opened} 项"


def _where(sender: User) -> Organisation:
    """The organisation that the sender speaks for: where the role is held."""
    (scope,) = [scope for scope in scopes_of(sender) if scope.role in ("secretary", "admin")]
    return Organisation.objects.get(pk=scope.organisation_id)
