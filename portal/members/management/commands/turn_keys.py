"""`manage.py turn_keys [--lookups]`: after a new key was put before the old one in FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.members.domain.keys import encrypted_columns, renew_lookups, turn_column
from portal.shared.fields import UndecipherableValue


class Command(BaseCommand):
    help = "Encrypt every sensitive value with the first of FIELD_KEYS. May be broken off and begun again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lookups", action="store_true", help="make the search hashes anew, after LOOKUP_KEY changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for model, field in encrypted_columns():
            try:
                seen, turned = turn_column(model, field)
            except UndecipherableValue as lost:
                raise CommandError(
                    f"{lost} 不能解密：FIELD_KEYS 里没有写它的那把钥匙。请把旧钥匙放回列表末尾再运行。"
                ) from None
            self.stdout.write(f"{model._meta.label}.{field.name}：共 {seen} 个，重新加密 {turned} 个")
        if options["lookups"]:
            self.stdout.write(f"查找摘要：更新 {renew_lookups()} 份档案")
        self.stdout.write("完成。旧钥匙现在可以从 FIELD_KEYS 中移除（备份恢复时仍需要它）。")
