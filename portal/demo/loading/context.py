"""What every part of the loading gets."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import random
import zlib
from collections.abc import Callable

from portal.demo.loading.drawings import Drawings
from portal.organisations.models import Organisation

SEED = 20260701


@dataclasses.dataclass
class Context:
    """`today` is the day of loading; `report` shows one line to the operator. Random numbers of each part are seeded with its
    name, so that one part does not change another."""

    today: dt.date
    report: Callable[[str], None]
    drawings: Drawings = dataclasses.field(default_factory=Drawings)

    def random_for(self, subject: str) -> random.Random:
        """A seeded source of random numbers for a part."""
        return random.Random(SEED + zlib.crc32(subject.encode()))  # noqa: S311 - invented people, not secrets

    def days_ago(self, days: int) -> dt.date:
        """A day before today."""
        return self.today - dt.timedelta(days=days)

    @functools.cached_property
    def organisations(self) -> dict[str, Organisation]:
        """All organisations of the demo by the names used in the content files: "" is the committee, then "机关党总支",
        "机关党总支/财务部"."""
        found: dict[str, Organisation] = {}
        by_path: dict[str, str] = {}
        for organisation in Organisation.objects.all():
            above = by_path.get(organisation.path[: -Organisation.steplen])
            short = organisation.short_name.removesuffix("党支部")
            key = "" if above is None else short if above == "" else f"{above}/{short}"
            by_path[organisation.path] = key
            found[key] = organisation
        return found


def seed_of(name: str) -> int:
    """A small number that belongs to a name."""
    return zlib.crc32(name.encode()) % 10_000
