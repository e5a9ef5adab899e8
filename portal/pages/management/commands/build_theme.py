"""Writes static/css/tokens.css of a theme from its theme.toml."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.pages.theming import load_theme, tokens_css


class Command(BaseCommand):
    help = "Write static/css/tokens.css of each theme from its theme.toml."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.THEME_DIR)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        target = folder / "static" / "css" / "tokens.css"
        target.write_text(tokens_css(load_theme(folder)), encoding="utf-8")
        self.stdout.write(f"wrote {target}")
