"""Loads the demo site: once only, and never into an installation that is in use."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo.loading.run import NotEmpty, is_begun, is_empty, load_demo


class Command(BaseCommand):
    help = "Load the demo site. Parts that are loaded already are left alone, whatever was changed in them since."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, without an error, when there is content"
        )

    def handle(self, *args: Any, if_empty: bool = False, **options: Any) -> None:
        if if_empty and not is_empty() and not is_begun():
            return
        try:
            loaded = load_demo(self._line)
        except NotEmpty:
            raise CommandError("站点里已经有内容，没有载入演示数据。请用新的数据目录启动。") from None
        if not loaded and not if_empty:
            self._line("演示数据已经载入过，没有改动。")

    def _line(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
