"""The sizes in which pictures are shown. They are made by a job after a change, never while a reader waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.basepage.models import BasePage
from portal.basepage.orphans import orphan_types
from portal.files.models import PortalImage, PortalRendition
from portal.ground.generation import raise_generation
from portal.ground.jobs import JobContext, enqueue, job_kind
from portal.ground.models import OutboxEntry

LEAD = "fill-1120x630|format-webp"
CARD = "fill-640x360|format-webp"
ROW = "fill-320x200|format-webp"
BODY = "width-1200|format-webp"
COVER_SPECS = (LEAD, CARD, ROW)
FEW_PAGES = 10


def picture_addresses(image_ids: Iterable[int | None], specs: Sequence[str]) -> dict[tuple[int, str], str]:
    """Addresses of the sizes that exist already, by (image, spec): one query, none without images."""
    ids = {image_id for image_id in image_ids if image_id}
    if not ids:
        return {}
    rows = PortalRendition.objects.filter(image_id__in=ids, filter_spec__in=specs)
    return {
        (image_id, spec): f"{settings.MEDIA_URL}{file}"
        for image_id, spec, file in rows.values_list("image_id", "filter_spec", "file")
    }


@dataclasses.dataclass(frozen=True)
class Picture:
    """One size of a picture: its address, and width and height in pixels."""

    url: str
    width: int
    height: int


def pictures_in(images: Sequence[PortalImage], spec: str, *, make: bool = False) -> dict[int, Picture]:
    """Pictures in one size by image id: one query. `make` makes missing sizes at once, for an editor's preview."""
    if not images:
        return {}
    if make:
        for image in images:
            image.get_rendition(spec)
    rows = PortalRendition.objects.filter(image_id__in={image.pk for image in images}, filter_spec=spec)
    return {
        image_id: Picture(f"{settings.MEDIA_URL}{file}", width, height)
        for image_id, file, width, height in rows.values_list("image_id", "file", "width", "height")
    }


def queue_pictures(entries: Sequence[OutboxEntry]) -> None:
    """Outbox consumer: queue the making of sizes for changed pages that lack one.

    A few changed pages are an editor's work and go before many, which are an import: nobody's story waits for hundreds.
    """
    changed = {entry.payload["uid"] for entry in entries if entry.payload.get("kind") == "page"}
    pages = BasePage.objects.filter(uid__in=changed, live=True).exclude(content_type__in=orphan_types()).specific()
    lacking = [str(page.uid) for page in pages if _missing_sizes(page)]
    priority = 1 if len(lacking) <= FEW_PAGES else 0
    for uid in lacking:
        enqueue("pages.make_pictures", {"uid": uid}, key=uid, priority=priority)


@job_kind("pages.make_pictures", lease_seconds=300)
def _make_pictures_job(context: JobContext, uid: str) -> None:
    made = make_pictures(uid)
    if not made and context.claim.fence > 1:
        raise_generation()  # an attempt before this one may have made them, and ended before it could say so


def make_pictures(uid: str) -> int:
    """Make the missing sizes of the cover and the body pictures of a live page; returns how many were made.

    Raises the content generation when something was made, so that cached pages show it. Safe to repeat; a page that is gone
    or a picture whose file is gone is left out.
    """
    page = BasePage.objects.filter(uid=uid, live=True).first()
    if page is None:
        return 0
    made = 0
    for image, spec in _missing_sizes(page.specific):
        try:
            image.get_rendition(spec)
        except FileNotFoundError:
            continue
        made += 1
    if made:
        with transaction.atomic():
            raise_generation()
    return made


def _missing_sizes(page: Any) -> list[tuple[PortalImage, str]]:
    """The sizes that a page in its own type needs and that are not there: no query for a page without pictures."""
    wanted: list[tuple[PortalImage, str]] = []
    if page.cover is not None:
        wanted += [(page.cover, spec) for spec in COVER_SPECS]
    wanted += [(image, BODY) for image in body_images(page)]
    there = picture_addresses([image.pk for image, _ in wanted], [*COVER_SPECS, BODY])
    return [(image, spec) for image, spec in wanted if (image.pk, spec) not in there]


def body_images(page: Any) -> list[PortalImage]:
    """The pictures that the body of a page shows, none for a page without a body."""
    body = getattr(page, "body", None)
    stream = body if body is not None and hasattr(body, "stream_block") else ()
    return [child.value["image"] for child in stream if child.block_type == "picture" and child.value["image"]]
