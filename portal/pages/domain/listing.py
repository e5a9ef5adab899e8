"""The list of a column: rows, years and page numbers."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, F, QuerySet

from plugins.sdk.runtime import page_search_types
from portal.basepage.models import BasePage
from portal.ground.generation import kept_for_generation
from portal.ground.prepared import Prepared
from portal.ground.suppliers import Viewer, hidden_types, viewer_of
from portal.organisations.models import subtree_filter
from portal.pages.domain.pictures import ROW
from portal.pages.domain.stories import NEWEST_FIRST, Story, facts_of, page_types, stories_of_rows
from portal.shared.queries import WithoutIndex

ROWS_PER_PAGE = 20
LISTED = ("news", "course", "microlesson", "case", "page")
LARGE = 2000  # rows: from here on a column is walked from its newest page instead of being gathered and sorted


@dataclasses.dataclass(frozen=True)
class Year:
    """A year in which something was published. `query` is what follows the column's address."""

    value: int
    is_current: bool


@dataclasses.dataclass(frozen=True)
class Listing:
    """One page of a column for one reader."""

    rows: tuple[Story, ...]
    page: Page[Any]
    years: tuple[Year, ...]
    year: int | None


def listing_of(section: BasePage, user: Any, *, year: str | None = None, page: str | None = None) -> Listing:
    """What lies below `section` and `user` may see, newest first. A year or page that does not exist shows the nearest
    thing that does: all years, the first or the last page. Four queries, whatever the number of rows; three while no content
    has changed since somebody with the same rights looked."""
    viewer = viewer_of(user)
    types = tuple(page_types(*LISTED, *page_search_types()))
    here = {"path": section.path, "section": section.pk}
    years = kept_for_generation(
        f"column-years:{section.pk}:{_rights_of(viewer)}", lambda: dict(_years.rows(viewer, types, **here))
    )
    chosen = int(year) if year and year.isascii() and year.isdigit() and int(year) in years else None
    count = years[chosen] if chosen is not None else sum(years.values())
    current = Paginator(range(count), ROWS_PER_PAGE).get_page(page)
    start, stop = current.start_index() - 1, current.end_index()
    is_large = sum(years.values()) >= LARGE
    rows = _rows.rows(viewer, types, chosen, start, stop, is_large, **here) if count else []
    return Listing(
        rows=tuple(stories_of_rows(rows, cover=ROW)),
        page=current,
        years=tuple(Year(value, value == chosen) for value in years),
        year=chosen,
    )


def _rights_of(viewer: Viewer) -> str:
    """Short and the same for all who see the same, now."""
    seen = (sorted(viewer.tokens), viewer.clearance, sorted(hidden_types()))
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def _below(
    viewer: Viewer, types: tuple[int, ...], path: str, section: int, *, is_large: bool = False
) -> QuerySet[BasePage]:
    pages = BasePage.objects.visible_to(viewer).filter(content_type__in=types)
    if is_large:
        place = WithoutIndex(F("path"), output_field=CharField())
        pages = pages.alias(place=place).filter(subtree_filter(path, "place"))
    else:
        pages = pages.filter(subtree_filter(path))
    return pages.exclude(pk=section)


@Prepared
def _years(viewer: Viewer, types: tuple[int, ...], *, path: str, section: int) -> Any:
    """The years with something in them and how much, newest first."""
    pages = _below(viewer, types, path, section).order_by("-display_date__year")
    return pages.values_list("display_date__year").annotate(n=Count("pk"))


@Prepared
def _rows(
    viewer: Viewer,
    types: tuple[int, ...],
    year: int | None,
    start: int,
    stop: int,
    is_large: bool,
    *,
    path: str,
    section: int,
) -> Any:
    pages = _below(viewer, types, path, section, is_large=is_large)
    if year is not None:
        pages = pages.filter(display_date__year=year)
    return facts_of(pages.order_by(*NEWEST_FIRST)[start:stop])
