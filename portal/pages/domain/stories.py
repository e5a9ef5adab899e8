"""Pages as the lists of the site show them: a title, an address and a few facts, read without their own tables."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Model, QuerySet
from django.urls import reverse

from portal.basepage.models import BasePage
from portal.pages.domain.pictures import picture_addresses

_FIELDS = (
    "pk",
    "path",
    "title",
    "short_code",
    "slug",
    "summary",
    "display_date",
    "cover_id",
    "content_type_id",
    "owner_organisation__name",
    "owner_organisation__short_name",
)
NEWEST_FIRST = ("-display_date", F("first_published_at").desc(nulls_last=True), "-pk")


@dataclasses.dataclass(frozen=True)
class Story:
    """A page in a list. `cover` is the address of its picture in the size asked for, or empty."""

    pk: int
    path: str
    title: str
    url: str
    summary: str
    unit: str
    date: dt.date
    kind: str
    cover: str

    @property
    def day(self) -> str:
        """The date for programs, 2026-11-21."""
        return self.date.isoformat()

    @property
    def month_day(self) -> str:
        """The date in a narrow list, 11-21."""
        return self.day[5:]


def page_types(*search_types: str) -> dict[int, str]:
    """Content type → search type of the page models with these search types; no query once the process is warm."""
    return {kind: name for kind, name in _type_names().items() if name in search_types}


def stories(pages: QuerySet[BasePage] | Iterable[BasePage], *, cover: str = "") -> list[Story]:
    """The rows of a sliced page query as stories: one query, and one more for covers of size `cover`."""
    rows: list[dict[str, Any]] = list(pages.values(*_FIELDS))  # type: ignore[union-attr]
    return stories_of_rows(rows, cover=cover)


def stories_of_rows(rows: list[dict[str, Any]], *, cover: str = "") -> list[Story]:
    """The same for rows that were read already."""
    addresses = picture_addresses((row["cover_id"] for row in rows), [cover]) if cover else {}
    names = _type_names()
    base = reverse("pages:page", args=["0", "0"]).removesuffix("0/0/")  # resolved once, not for each row
    return [
        Story(
            pk=row["pk"],
            path=row["path"],
            title=row["title"],
            url=f"{base}{row['short_code']}/{quote(row['slug'])}/",
            summary=row["summary"],
            unit=row["owner_organisation__short_name"] or row["owner_organisation__name"] or "",
            date=row["display_date"],
            kind=names.get(row["content_type_id"], ""),
            cover=addresses.get((row["cover_id"], cover), ""),
        )
        for row in rows
    ]


def story_rows(pages: QuerySet[BasePage]) -> list[dict[str, Any]]:
    """The facts of a sliced page query: one query."""
    return list(facts_of(pages))


def facts_of(pages: QuerySet[BasePage]) -> QuerySet[BasePage, dict[str, Any]]:
    """The query of the rows that `stories_of_rows` takes."""
    return pages.values(*_FIELDS)


def _type_names() -> dict[int, str]:
    kinds = ContentType.objects.get_for_models(*_page_models())
    return {kind.pk: getattr(model, "search_type", "") for model, kind in kinds.items()}


@functools.cache
def _page_models() -> tuple[type[Model], ...]:
    return tuple(model for model in apps.get_models() if issubclass(model, BasePage) and model is not BasePage)
