"""What this app gives to the portal: an entry in the navigation and a search source."""

from typing import Any

from django.urls import reverse

from plugins.sdk import Figure, MenuItem, PageSlot, SearchSource, SlotContext, Tile, TileContext, on
from portal.events.regulations import RegulationPublished
from portal.ground.clock import today
from portal.ground.suppliers import viewer_of
from portal.regulations.domain.following import tell_of_citations, tell_of_version
from portal.regulations.domain.learning import tell_after_publishing
from portal.regulations.domain.queries import Wanted, facets_of, newly_in_force
from portal.regulations.models import RegulationVersion


def strip_for(context: SlotContext) -> dict[str, Any] | None:
    """The home page's strip: what took effect last."""
    versions = newly_in_force(viewer_of(context.user), today())
    return {"versions": versions} if versions else None


@on(RegulationPublished)
def tell_who_cites(event: RegulationPublished) -> None:
    """Editors of what cites a changed article, and owners of rules below the work, get a task."""
    version = RegulationVersion.objects.select_related("regulation").filter(uid=event.version_uid).first()
    if version is not None and version.state == RegulationVersion.State.PUBLISHED:
        tell_after_publishing(version)
        tell_of_version(version)
        if version.read_at is not None:  # else the reading tells, once it has found what the text cites
            tell_of_citations([version])


def in_force_tile(context: TileContext) -> Figure:
    """The works in force that this person may see: one query."""
    _total, facets = facets_of(viewer_of(context.request.user), Wanted())
    counts = {choice.value: choice.count for choice in facets["status"]}
    return Figure(counts.get("in_force", 0), url=reverse("regulations:list"))


tiles = [Tile("in_force", "现行有效法规制度", in_force_tile, "Rules in force", unit="件", unit_en="rules", order=50)]
menu = [MenuItem(label="法规制度", label_en="Regulations", route="/r/", order=40)]

search = [
    SearchSource(
        kind="regulation",
        label="法规制度",
        label_en="Regulations",
        documents=".domain.indexing.documents",
        types={"regulation": ("法规制度", "Regulations")},
        facets={
            "level": ("效力级别", "Level"),
            "issuer": ("制定机关", "Issuer"),
            "unit": ("单位", "Unit"),
            "year": ("年份", "Year"),
        },
    )
]

slots = [PageSlot("home.strip", "regulations/strip.html", strip_for, order=40)]
