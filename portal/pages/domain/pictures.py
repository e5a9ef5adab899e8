"""The sizes in which pictures are shown. They are made by a job after a change, never while a reader waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.basepage.models import BasePage
from portal.files.models import PortalImage, PortalRendition
from portal.ground.generation import raise_generation
from portal.ground.jobs import JobContext, enqueue, job_kind
from portal.ground.models import OutboxEntry

LEAD = "fill-1120x630|format-webp"
CARD = "fill-640x360|format-webp"
ROW = "fill-320x200|format-webp"
BODY = "width-1200|format-webp"
COVER_SPECS = (LEAD, CARD, ROW)


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
    """Outbox consumer: queue the making of sizes for changed pages."""
    for uid in {entry.payload["uid"] for entry in entries if entry.payload.get("kind") == "page"}:
        enqueue("pages.make_pictures", {"uid": uid}, key=uid)


@job_kind("pages.make_pictures", lease_seconds=300)
def _make_pictures_job(context: JobContext, uid: str) -> None:
    make_pictures(uid)


def make_pictures(uid: str) -> int:
    """Make the missing sizes of the cover and the body pictures of a live page; returns how many were made.

    Raises the content generation when something was made, so that cached pages show it. Safe to repeat; a page that is gone
    or a picture whose file is gone is left out.
    """
    page = BasePage.objects.filter(uid=uid, live=True).first()
    if page is None:
        return 0
    specific: Any = page.specific
    wanted: list[tuple[PortalImage, str]] = []
    if specific.cover is not None:
        wanted += [(specific.cover, spec) for spec in COVER_SPECS]
    wanted += [(image, BODY) for image in body_images(specific)]
    there = picture_addresses([image.pk for image, _ in wanted], [*COVER_SPECS, BODY])
    made = 0
    for image, spec in wanted:
        if (image.pk, spec) in there:
            continue
        try:
            image.get_rendition(spec)
        except FileNotFoundError:
            continue
        made += 1
    if made:
        with transaction.atomic():
            raise_generation()
    return made


def body_images(page: Any) -> list[PortalImage]:
    """The pictures that the body of a page shows, none for a page without a body."""
    body = getattr(page, "body", None)
    stream = body if body is not None and hasattr(body, "stream_block") else ()
    return [child.value["image"] for child in stream if child.block_type == "picture" and child.value["image"]]
