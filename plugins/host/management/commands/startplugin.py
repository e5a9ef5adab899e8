"""`manage.py startplugin NAME [--dir DIR] [--package] [--bare]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from plugins.host.scaffolding import CannotScaffold, write_plugin


class Command(BaseCommand):
    """A complete little plugin that passes lint, types and the contract kit as written."""

    help = (
        "Writes a complete little plugin: manifest, class, model, page, card, slot, handler, search, API, texts, tests."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME is the slug."""
        parser.add_argument("name", help="slug: 2 to 31 small letters and digits")
        parser.add_argument("--dir", type=Path, default=Path(), help="where to put its folder; absent: here")
        parser.add_argument("--package", action="store_true", help="as a distribution of its own that pip installs")
        parser.add_argument("--bare", action="store_true", help="only manifest, class and contract test")
        parser.add_argument("--zh", default="", help="its name in Chinese")
        parser.add_argument("--en", default="", help="its name in English")
        parser.add_argument("--author", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say what to type next."""
        try:
            folder = write_plugin(
                options["name"],
                options["dir"].resolve(),
                name_zh=options["zh"],
                name_en=options["en"],
                author=options["author"],
                package=options["package"],
                bare=options["bare"],
            )
        except (CannotScaffold, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{folder}")
        self.stdout.write(f"→ bin/test plugin {folder}")
        if options["package"]:
            self.stdout.write(f"→ pip install --no-deps --no-build-isolation {folder.parent}")
            self.stdout.write(f"→ manage.py plugins add {options['name']}")
        else:
            self.stdout.write(f"→ manage.py plugins add {folder}")
