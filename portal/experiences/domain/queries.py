"""Reads of the typical experiences: the filtered list and its facets."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import QueryDict

from portal.experiences.models import CasePage, CaseTopic
from portal.ground.suppliers import viewer_of
from portal.pages.domain.pictures import ROW
from portal.pages.domain.stories import Story, stories

PER_PAGE = 15
FILTERS = ("topic", "unit", "year")
MAX_VALUE_LENGTH = 100
MAX_CHOICES = 30


@dataclasses.dataclass(frozen=True)
class Choice:
    """A value to narrow the list by: how many cases have it, whether it is chosen, and the query that turns it on or off."""

    label: str
    count: int
    is_chosen: bool
    query: str


@dataclasses.dataclass(frozen=True)
class Row:
    """A case in the list."""

    story: Story
    level: str
    stars: int
    year: int


@dataclasses.dataclass(frozen=True)
class Listing:
    """One page of the list, with the facets and whether anything is chosen."""

    page: Page
    rows: tuple[Row, ...]
    topics: tuple[Choice, ...]
    units: tuple[Choice, ...]
    years: tuple[Choice, ...]
    is_narrowed: bool


def cases_open_to(user: Any) -> QuerySet[CasePage]:
    """Published cases that a person may see, newest first."""
    cases: QuerySet[CasePage] = CasePage.objects.visible_to(viewer_of(user)).order_by("-year", "-display_date", "-pk")
    return cases


def listing_for(user: Any, wanted: Mapping[str, str]) -> Listing:
    """The cases that a person may see, narrowed by `topic` (a tag's name), `unit` (an organisation's uid), `year`; `page`
    turns. Values that fit nothing give an empty list, never an error. Counts stand beside each value as the list would be
    with it, the other filters kept. Seven queries."""
    chosen = {name: wanted[name].strip()[:MAX_VALUE_LENGTH] for name in FILTERS if wanted.get(name, "").strip()}
    everything = cases_open_to(user)
    page = Paginator(_narrowed(everything, chosen), PER_PAGE).get_page(wanted.get("page"))
    listed = stories(page.object_list, cover=ROW)  # type: ignore[arg-type]
    facts = {
        pk: (level, stars, year)
        for pk, level, stars, year in CasePage.objects.filter(pk__in=[story.pk for story in listed]).values_list(
            "pk", "level", "stars", "year"
        )
    }
    rows = tuple(Row(story, *facts[story.pk]) for story in listed)
    return Listing(page, rows, *_facets(everything, chosen), is_narrowed=bool(chosen))


def _narrowed(cases: QuerySet[CasePage], chosen: Mapping[str, str], but: str = "") -> QuerySet[CasePage]:
    for name, value in chosen.items():
        if name == but:
            continue
        if name == "topic":
            cases = cases.filter(tagged_items__tag__name=value)
        elif name == "unit":
            cases = cases.filter(owner_organisation__uid=value) if _is_uid(value) else cases.none()
        else:
            cases = cases.filter(year=int(value)) if _is_year(value) else cases.none()
    return cases


def _is_uid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def _is_year(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) == 4


def _facets(
    everything: QuerySet[CasePage], chosen: Mapping[str, str]
) -> tuple[tuple[Choice, ...], tuple[Choice, ...], tuple[Choice, ...]]:
    def under(name: str) -> QuerySet[CasePage]:
        return _narrowed(everything, chosen, but=name).order_by()

    topics = (
        CaseTopic.objects.filter(content_object__in=under("topic").values("pk"))
        .values_list("tag__name")
        .annotate(n=Count("content_object", distinct=True))
        .order_by("-n", "tag__name")[:MAX_CHOICES]
    )
    units = (
        under("unit")
        .exclude(owner_organisation=None)
        .values_list("owner_organisation__uid", "owner_organisation__short_name", "owner_organisation__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "owner_organisation__path")[:MAX_CHOICES]
    )
    years = under("year").values_list("year").annotate(n=Count("pk")).order_by("-year")[:MAX_CHOICES]
    return (
        tuple(_choice(chosen, "topic", name, name, count) for name, count in topics),
        tuple(_choice(chosen, "unit", str(uid), short or name, count) for uid, short, name, count in units),
        tuple(_choice(chosen, "year", str(year), str(year), count) for year, count in years),
    )


def _choice(chosen: Mapping[str, str], name: str, value: str, label: str, count: int) -> Choice:
    is_chosen = chosen.get(name) == value
    query = QueryDict(mutable=True)
    query.update({key: kept for key, kept in chosen.items() if key != name})
    if not is_chosen:
        query[name] = value
    return Choice(label, count, is_chosen, query.urlencode())
