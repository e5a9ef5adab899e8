"""Makes the home page, the default site and the review workflow of a new installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.organisations.models import Organisation
from portal.pages.domain.setup import set_up_site


class Command(BaseCommand):
    help = "Make the home page, the default site and the review workflow of a new installation. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="领航")
        parser.add_argument("--owner", default="", help="code of the organisation that owns the home page")

    def handle(self, *args: Any, name: str, owner: str, **options: Any) -> None:
        organisation = Organisation.objects.get(code=owner) if owner else Organisation.objects.first()
        home = set_up_site(name, owner=organisation)
        self.stdout.write(f"home page: {home.title}")
