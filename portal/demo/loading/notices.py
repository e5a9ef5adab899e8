"""Notices and to-dos of the people with a login."""

from __future__ import annotations

import datetime as dt
import uuid

from portal.accounts.models import User
from portal.demo.content_files import read_toml
from portal.demo.loading.context import SEED, Context
from portal.notices.domain import open_task
from portal.notices.domain.sending import send_to_members
from portal.organisations.domain.rights import scopes_of
from portal.organisations.models import Organisation


def load(context: Context) -> str:
    """Send the notices and open the tasks. Notices arrive when the worker runs."""
    content = read_toml("notices.toml")
    users = {user.username: user for user in User.objects.all()}
    for number, said in enumerate(content["notice"]):
        sender = users[said["by"]]
        send_to_members(
            sender, _where(sender), said["title"], said["text"], uid=uuid.UUID(int=(SEED << 64) + number, version=4)
        )
    for number, asked in enumerate(content["task"]):
        for name in asked["to"]:
            due_on = context.today + dt.timedelta(days=asked["days"])
            open_task(f"demo.task:{number}:{name}", users[name], asked["title"], asked["url"], due_on, by_hand=True)
    return f"通知 {len(content['notice'])} 条，待办 {sum(len(asked['to']) for asked in content['task'])} 项"


def _where(sender: User) -> Organisation:
    """The organisation that the sender speaks for: where the role is held."""
    (scope,) = [scope for scope in scopes_of(sender) if scope.role in ("secretary", "admin")]
    return Organisation.objects.get(pk=scope.organisation_id)
