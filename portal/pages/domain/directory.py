"""The directory of party organisations: from the whole to a branch site in three clicks."""

from __future__ import annotations

import dataclasses
from typing import Any

from portal.ground.suppliers import viewer_of
from portal.organisations.models import Organisation
from portal.pages.models import BranchPage


@dataclasses.dataclass
class Place:
    """An organisation in the directory. `url` is the address of its site, empty when it has none this reader may see."""

    name: str
    kind: str
    url: str
    below: list[Place] = dataclasses.field(default_factory=list)

    @property
    def size(self) -> int:
        """How many organisations lie below it."""
        return sum(1 + place.size for place in self.below)


def directory_for(user: Any) -> list[Place]:
    """The trees of organisations that are not dissolved, without party groups: two queries."""
    sites = {
        page.organisation_id: page.get_url()
        for page in BranchPage.objects.visible_to(viewer_of(user)).only(
            "organisation_id", "short_code", "slug", "depth", "path"
        )
    }
    roots: list[Place] = []
    by_path: dict[str, Place] = {}
    organisations = Organisation.objects.current().exclude(kind=Organisation.Kind.GROUP)
    for organisation in organisations:
        place = Place(str(organisation), organisation.get_kind_display(), sites.get(organisation.pk) or "")
        by_path[organisation.path] = place
        above = by_path.get(organisation.path[: -Organisation.steplen])
        (above.below if above else roots).append(place)
    return roots
