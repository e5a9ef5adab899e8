"""The list of a column: rows, years and page numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.paginator import Page, Paginator

from portal.basepage.models import BasePage
from portal.ground.suppliers import viewer_of
from portal.pages.domain.pictures import ROW
from portal.pages.domain.stories import NEWEST_FIRST, Story, page_types, stories

ROWS_PER_PAGE = 20
LISTED = ("news", "course", "microlesson", "case", "page")


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
    thing that does: all years, the first or the last page. Four queries, whatever the number of rows."""
    pages = (
        BasePage.objects.visible_to(viewer_of(user))
        .filter(content_type__in=page_types(*LISTED), path__startswith=section.path)
        .exclude(pk=section.pk)
    )
    years = [day.year for day in pages.dates("display_date", "year", order="DESC")]
    chosen = int(year) if year and year.isascii() and year.isdigit() and int(year) in years else None
    if chosen is not None:
        pages = pages.filter(display_date__year=chosen)
    current = Paginator(pages.order_by(*NEWEST_FIRST), ROWS_PER_PAGE).get_page(page)
    return Listing(
        rows=tuple(stories(current.object_list, cover=ROW)),
        page=current,
        years=tuple(Year(value, value == chosen) for value in years),
        year=chosen,
    )
