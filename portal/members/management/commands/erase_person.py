"""`manage.py erase_person UID --reason TEXT`: erase what is held about a member who has left."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.members.domain.erasing import NotLeft, erase_person
from portal.members.domain.files import ReasonMissing
from portal.organisations.models import Member


class Command(BaseCommand):
    help = "Erase what is held about a member who has left. Cannot be undone; says what stays and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uid", help="file number of the member")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            member = Member.objects.select_related("user").filter(uid=options["uid"]).first()
        except (ValidationError, ValueError):
            member = None
        if member is None:
            raise CommandError("没有这个档案编号。")
        try:
            done = erase_person(member, actor=None, reason=options["reason"])
        except NotLeft:
            raise CommandError("此人仍在册；先办理转出，再删除个人数据。") from None
        except ReasonMissing:
            raise CommandError("请写明理由，至少四个字。") from None
        for name, part in sorted(done.done.items()):
            self.stdout.write(f"{name}：删除 {part['rows']} 项。{part['kept']}")
        for name, part in sorted(done.failed.items()):
            self.stderr.write(f"{name}：没有删成（{part['error']}）")
        if done.failed:
            raise CommandError("还没有删完：没有删成的部分由后台再试，在“运行状况”可以看到进展。")
